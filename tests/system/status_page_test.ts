import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import { clockFromNow } from "../../sim/truth.ts";
import { Served } from "../daemon/status/support/served.ts";
import { available } from "../support/available.ts";
import { Browser, type Page } from "./support/browser.ts";
import {
  FREQUENCY,
  OFFSET_SECONDS,
  quickConfig,
  readyClient,
  SimulatedServers,
} from "./support/daemon_world.ts";
import { httpAddress } from "./support/status_client.ts";

/** WCAG 2.2: ordinary text. */
const LEAST_CONTRAST = 4.5;

Deno.test("the live page in Chromium", { ignore: !available("chromium") }, async (t) => {
  const liar = { clock: clockFromNow(OFFSET_SECONDS + 0.2, FREQUENCY) };
  using servers = await SimulatedServers.start([{}, {}, {}, liar]);
  const config = quickConfig({ servers: servers.addresses });
  await using daemon = await DaemonProcess.start({ config, args: ["--http", "127.0.0.1:0"] });
  using _ready = await readyClient(daemon);
  const address = await httpAddress(daemon);
  await using browser = await Browser.start();

  const scenario =
    (work: (page: Page) => Promise<void>, prepare?: (page: Page) => Promise<void>) => async () => {
      await using page = await browser.page();
      await page.resize(1280, 900);
      await prepare?.(page);
      await page.goTo(address);
      await page.until("document.querySelectorAll('#rows tr').length === 4");
      await work(page);
    };

  // One after the other: a browser draws no page that lies behind another one.
  await t.step(
    "it shows what the API says, asks nobody else, and complains of nothing",
    scenario(showsEverything),
  );
  await t.step("at ten updates a second it does not grow", scenario(doesNotGrow));
  await t.step("it can be used with the keyboard", scenario(followsTheKeyboard));
  const asPhone = (page: Page) => page.resize(360, 780);
  await t.step("on a phone nothing is wider than the screen", scenario(fitsAPhone, asPhone));
  await t.step("it can be read in the dark and in the light", scenario(canBeRead));
});

async function showsEverything(page: Page): Promise<void> {
  await page.until("document.getElementById('why').textContent.startsWith('The bound is ± ')");
  assertEquals(await page.evaluate("document.getElementById('health').textContent"), "healthy");
  await page.until(
    "[...document.querySelectorAll('#rows small')].some((e) => e.textContent.includes('not followed: it is 200 ms ahead'))",
  );
  const selected = await page.evaluate("document.querySelectorAll('#rows .selected').length");
  assertEquals(selected, 3);
  assertEquals(await page.evaluate("document.querySelectorAll('#coverage tr').length"), 3);
  await page.until(
    "[...document.querySelectorAll('polyline')].every((e) => e.getAttribute('points').split(' ').length > 2)",
  );
  assertGreater(await page.evaluate<number>("document.querySelectorAll('#happenings li').length"), 3);
  assertEquals(await page.evaluate("document.querySelectorAll('.uplot canvas').length"), 3);
  const shown = await page.evaluate<number>(
    "Date.parse(document.getElementById('time').textContent.replace(' UTC', 'Z'))",
  );
  // 25 ms ahead of this machine's clock, and updated every 100 ms.
  assertLess(Math.abs(shown - Date.now()), 5000);
  const origins = new Set(
    page.requested.map((url) => new URL(url).origin).filter((origin) => origin !== "null"),
  );
  assertEquals([...origins].length, 1);
  assertEquals(page.complaints, []);
}

async function doesNotGrow(page: Page): Promise<void> {
  await page.evaluate(
    "window.updates = 0, new MutationObserver(() => updates++).observe(document.getElementById('time'), { childList: true })",
  );
  await page.until("window.updates >= 20");
  const before = await page.weight();
  await page.until("window.updates >= 80");
  const after = await page.weight();
  // Moments come in, at about 100 bytes each; elements must not.
  assertLess(after.nodes - before.nodes, 20);
  assertLess(after.heapBytes - before.heapBytes, 500_000);
}

async function followsTheKeyboard(page: Page): Promise<void> {
  const focused = () =>
    page.evaluate<string>(
      "document.activeElement.id || document.activeElement.name || document.activeElement.className",
    );
  const order: string[] = [];
  for (let presses = 0; presses < 6; presses++) {
    await page.press("Tab");
    order.push(await focused());
  }
  assertEquals(order.slice(0, 4), ["skip", "span", "pause", "theme"]);
  await page.evaluate("document.getElementById('pause').focus()");
  await page.press(" ");
  await page.until("document.getElementById('pause').getAttribute('aria-pressed') === 'true'");
  await page.evaluate("document.querySelector('input[name=span]').focus()");
  await page.press("ArrowRight");
  assertEquals(await page.evaluate("document.querySelector('input[name=span]:checked').value"), "600");
}

async function fitsAPhone(page: Page): Promise<void> {
  await page.until("document.querySelectorAll('.uplot canvas').length === 3");
  await page.until("document.documentElement.scrollWidth <= 360");
  assertEquals(await page.evaluate("innerWidth"), 360);
}

async function canBeRead(page: Page): Promise<void> {
  for (const scheme of ["light", "dark"] as const) {
    await page.prefer(scheme);
    const colors = await page.evaluate<string[][]>(`
      ["h1", ".why", "dt", "dd", "#rows .selected", "#rows .out", "#rows small", "time", "a", ".pill"].map((name) => {
        const element = document.querySelector(name);
        const card = element.closest("table, .facts div") ?? document.body;
        return [name, getComputedStyle(element).color, getComputedStyle(card).backgroundColor];
      })`);
    for (const [name, ink, paper] of colors) {
      assertGreater(contrast(ink!, paper!), LEAST_CONTRAST, `${name} in the ${scheme}: ${ink} on ${paper}`);
    }
    const isDark = luminance(colors[0]![2]!) < 0.2;
    assertEquals(isDark, scheme === "dark");
  }
}

/** WCAG 2.2, contrast ratio. */
function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

/** WCAG 2.2, relative luminance of `rgb(r, g, b)`. */
function luminance(color: string): number {
  const parts = color.match(/\d+/g)!.slice(0, 3).map((part) => Number(part) / 255);
  assert(parts.length === 3, color);
  const [r, g, b] = parts.map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

Deno.test(
  "the live page asks for the token where one is needed",
  { ignore: !available("chromium") },
  async () => {
    await using served = await Served.start('{ http: "127.0.0.1:0", token_file: FOLDER/token }', {
      prepare: (folder) => Deno.writeTextFile(`${folder}/token`, "s3cret\n"),
    });
    await using browser = await Browser.start();
    await using page = await browser.page();
    await page.goTo(served.url);
    await page.until("document.getElementById('health')?.textContent === 'token needed'");
    await page.evaluate("document.querySelector('#token input').focus()");
    await page.send("Input.insertText", { text: "s3cret" });
    await page.evaluate("document.querySelector('#token button').click()");
    await page.until("document.getElementById('health').textContent === 'healthy'");
    assertEquals(await page.evaluate("document.getElementById('token').hidden"), true);
    // Nothing of it may stay in the address, where others could see it.
    assertEquals(await page.evaluate("location.search"), "");
  },
);
