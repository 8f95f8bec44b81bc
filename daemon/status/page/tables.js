/** Servers, coverage, events and single facts: as rows that are filled in place, so that focus and scrolling stay. */
import { clock, duration, percent, ppm, signed, span } from "./format.js";

const MAX_HAPPENINGS = 100;
const SVG = "http://www.w3.org/2000/svg";
const [SPARK_WIDTH, SPARK_HEIGHT] = [128, 26];

export function showFacts(status) {
  const { clock: now, warmup, calibration, publication, counters, filter, models } = status;
  const trouble = Object.entries(counters).filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name.replaceAll("_", " ")}`);
  fill(
    document.getElementById("facts"),
    [
      ["Source", now.rung.replaceAll("_", " ")],
      ["Correction", signed(now.offset_seconds)],
      ["Drift", ppm(now.drift_rate)],
      ["Oscillator", ppm(filter.frequency)],
      ["Confidence", percent(now.confidence)],
      ["Warm-up", `${warmup.percent} %`],
      ["Measurements", String(warmup.measurements)],
      ["Last measured", `${span(now.last_sync_seconds)} ago`],
      ["Models", models === null ? "off" : models.members.map(({ state }) => state).join(", ") || "loading"],
      ["Sigma scaled by", calibration.scale.toFixed(2)],
      [
        "Published late, p99",
        `${duration(publication.lateness.p99_seconds)} at ${publication.frequency_hz} Hz`,
      ],
      ["Daemon up", span(status.uptime_seconds)],
      ["Noticed", trouble.join(", ") || "nothing"],
    ],
    "div",
    (element, [name, value]) => {
      text(child(element, "dt"), name);
      text(child(element, "dd"), value);
    },
  );
}

export function showServers({ servers, unresolved }) {
  const rows = [...servers, ...unresolved.map(({ name, reason }) => ({ name, reason, isUnresolved: true }))];
  fill(document.getElementById("rows"), rows, "tr", (row, server) => {
    const name = child(row, "td", 0);
    text(child(name, "strong"), server.address ?? server.name);
    child(name, "strong").className = server.is_selected ? "selected" : "out";
    text(child(name, "small"), server.reason);
    if (server.isUnresolved) return row.replaceChildren(name);
    text(child(row, "td", 1), signed(server.offset_seconds));
    text(
      child(row, "td", 2),
      server.half_width_seconds === null ? "—" : `± ${duration(server.half_width_seconds)}`,
    );
    text(child(row, "td", 3), duration(server.delay_seconds));
    text(child(row, "td", 4), duration(server.jitter_seconds));
    text(child(row, "td", 5), String(server.stratum ?? "—"));
    text(child(row, "td", 6), reachText(server.reach));
    showSpark(child(row, "td", 7), server);
    text(
      child(row, "td", 8),
      server.interval_seconds === null ? "—" : `every ${span(server.interval_seconds)}`,
    );
  });
}

export function showCoverage({ calibration }) {
  fill(document.getElementById("coverage"), calibration.coverage, "tr", (row, { promised, held, tested }) => {
    const share = tested === 0 ? 0 : held / tested;
    text(child(row, "td", 0), percent(promised));
    text(child(row, "td", 1), tested === 0 ? "—" : percent(share));
    text(child(row, "td", 2), String(tested));
    const bar = child(child(row, "td", 3), "div");
    bar.className = "bar";
    child(bar, "i").style.width = `${100 * share}%`;
    child(bar, "b").style.left = `calc(${100 * promised}% - 1px)`;
  });
}

/** The latest first. */
export function addHappening({ utc_seconds, level, component, message }) {
  const item = document.createElement("li");
  const when = document.createElement("time");
  when.textContent = clock(utc_seconds);
  const what = document.createElement("span");
  what.className = level;
  what.textContent = ` ${component}: ${message}`;
  item.append(when, what);
  const list = document.getElementById("happenings");
  list.prepend(item);
  while (list.childElementCount > MAX_HAPPENINGS) list.lastElementChild.remove();
}

export function clearHappenings() {
  document.getElementById("happenings").replaceChildren();
}

/** The last eight polls, the latest on the right. */
function reachText(reach) {
  return reach.toString(2).padStart(8, "0").replaceAll("1", "●").replaceAll("0", "○");
}

function showSpark(cell, { recent, name }) {
  let svg = cell.firstElementChild;
  if (svg === null) {
    svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "spark");
    svg.setAttribute("viewBox", `0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`);
    svg.setAttribute("role", "img");
    svg.append(document.createElementNS(SVG, "polyline"));
    cell.append(svg);
  }
  const offsets = recent.map(({ offset_seconds }) => offset_seconds);
  const [low, high] = [Math.min(...offsets), Math.max(...offsets)];
  svg.setAttribute(
    "aria-label",
    offsets.length === 0
      ? `${name}: no answers`
      : `${name}: last ${offsets.length} offsets from ${signed(low)} to ${signed(high)}`,
  );
  svg.firstElementChild.setAttribute("points", points(offsets, low, high));
}

function points(offsets, low, high) {
  const step = SPARK_WIDTH / Math.max(1, offsets.length - 1);
  const height = (value) => high > low ? (high - value) / (high - low) : 0.5;
  return offsets.map((value, i) =>
    `${(i * step).toFixed(1)},${(2 + (SPARK_HEIGHT - 4) * height(value)).toFixed(1)}`
  )
    .join(" ");
}

/** One element per item, kept from call to call. */
function fill(parent, items, tag, show) {
  while (parent.childElementCount > items.length) parent.lastElementChild.remove();
  while (parent.childElementCount < items.length) parent.append(document.createElement(tag));
  items.forEach((item, i) => show(parent.children[i], item));
}

/** The first child of that tag, or the one at `index`; made when it is not there. */
function child(parent, tag, index = [...parent.children].findIndex(({ localName }) => localName === tag)) {
  const found = parent.children[index];
  if (found !== undefined) return found;
  const made = document.createElement(tag);
  parent.append(made);
  return made;
}

function text(element, value) {
  if (element.textContent !== value) element.textContent = value;
}
