/** The live page: one stream in, everything on the screen out. */
import { Charts } from "./charts.js";
import { duration, instant } from "./format.js";
import { Series } from "./series.js";
import { ask, follow } from "./stream.js";
import { addHappening, clearHappenings, showCoverage, showFacts, showServers } from "./tables.js";

const UPDATES_HZ = 10;
const THEMES = ["dark", "light"];

const element = (id) => document.getElementById(id);
const series = new Series();
const charts = new Charts();
let moment = null;
let status = null;
let isPaused = false;
let isDue = false;

/** Draws at the screen's own pace, and not at all while nobody can see it. */
function draw() {
  if (isDue || isPaused) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    if (!isPaused) show();
  });
}

function show() {
  if (moment !== null) {
    element("time").textContent = `${instant(moment.utc_seconds)} UTC`;
    element("bound").textContent = moment.max_error_seconds === null
      ? "unknown"
      : `± ${duration(moment.max_error_seconds)}`;
    element("sigma").textContent = `± ${duration(moment.uncertainty_seconds)}`;
  }
  charts.show(series.last(Number(document.querySelector("input[name=span]:checked").value)));
  if (status === null) return;
  setHealth(status.health, status.health.replaceAll("_", " "));
  element("why").textContent = status.why;
  showFacts(status);
  showServers(status);
  showCoverage(status);
  status = null;
}

function setHealth(kind, text) {
  const pill = element("health");
  pill.className = `pill ${kind}`;
  if (pill.textContent !== text) pill.textContent = text;
}

const listener = {
  async connected() {
    clearHappenings();
    const history = await ask("/v1/history");
    series.restart((await history.json()).moments);
  },
  event(name, value) {
    if (name === "moment") series.push(moment = value);
    else if (name === "status") status = value;
    else if (name === "happening") addHappening(value);
    draw();
  },
  lost(reason) {
    setHealth("no_valid_time", `not connected: ${reason}`);
  },
  refused() {
    element("token").hidden = false;
    setHealth("degraded", "token needed");
  },
};

element("range").addEventListener("change", () => show());
element("pause").addEventListener("click", () => {
  isPaused = !isPaused;
  element("pause").setAttribute("aria-pressed", String(isPaused));
  draw();
});
element("theme").addEventListener("click", () => {
  const { dataset } = document.documentElement;
  const isDark = dataset.theme === undefined
    ? matchMedia("(prefers-color-scheme: dark)").matches
    : dataset.theme === "dark";
  dataset.theme = THEMES[Number(isDark)];
  charts.restyle();
  show();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.restyle());
element("token").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", new FormData(event.target).get("token"));
  element("token").hidden = true;
  follow(`/v1/events?hz=${UPDATES_HZ}`, listener);
});

follow(`/v1/events?hz=${UPDATES_HZ}`, listener);
