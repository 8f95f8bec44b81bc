import { assertEquals } from "@std/assert";
import type { Sample } from "../../../daemon/estimate/sample.ts";
import { SampleWindow, ServerHistory } from "../../../daemon/estimate/sample_window.ts";

function sample(source: string, atSeconds: number, delaySeconds = 1e-3): Sample {
  return { source, atSeconds, offsetSeconds: 0, delaySeconds, rootDistanceSeconds: 0 };
}

function hear(window: SampleWindow, heard: Sample): void {
  window.hear(heard.source, heard.atSeconds).trust(heard);
}

function sources(window: SampleWindow): string[] {
  return [...window.servers].map(({ source }) => source).sort();
}

Deno.test("SampleWindow keeps the newest 128 samples of each server", () => {
  const window = new SampleWindow();
  for (let at = 0; at < 1000; at++) hear(window, sample("a", at));
  const kept = window.find("a")!.trusted;
  assertEquals([kept.length, kept[0]?.atSeconds, kept.at(-1)?.atSeconds], [128, 872, 999]);
});

Deno.test("SampleWindow keeps 16 servers: the longest silent one makes room for a new one", () => {
  const window = new SampleWindow();
  for (let server = 0; server < 16; server++) hear(window, sample(`s${server}`, server));
  hear(window, sample("s0", 20));
  hear(window, sample("new", 21));
  assertEquals(sources(window).length, 16);
  assertEquals(window.find("s1"), undefined);
  assertEquals(window.find("s0")?.trusted.length, 2);
});

Deno.test("SampleWindow forgets a server silent for 1024 s when another one speaks, not before", () => {
  const window = new SampleWindow();
  hear(window, sample("gone", 0));
  hear(window, sample("a", 1024));
  assertEquals(sources(window), ["a", "gone"]);
  hear(window, sample("a", 1024.5));
  assertEquals(sources(window), ["a"]);
});

Deno.test("ServerHistory puts a late sample where it belongs in time", () => {
  const server = new ServerHistory("a");
  for (const at of [1, 3, 2, 0]) server.trust(sample("a", at));
  assertEquals(server.trusted.map(({ atSeconds }) => atSeconds), [0, 1, 2, 3]);
});

Deno.test("ServerHistory takes doubted samples for the server's latest word until a trusted one dismisses them", () => {
  const server = new ServerHistory("a");
  server.trust(sample("a", 1));
  server.doubt(sample("a", 2));
  assertEquals(server.latestWord.map(({ atSeconds }) => atSeconds), [2]);
  assertEquals(server.newestAtSeconds, 2);
  server.trust(sample("a", 3));
  assertEquals(server.doubted, []);
  assertEquals(server.latestWord.map(({ atSeconds }) => atSeconds), [1, 3]);
});

Deno.test("ServerHistory.restartFrom() keeps what was measured since, doubted samples included", () => {
  const server = new ServerHistory("a");
  for (const at of [1, 2, 3]) server.trust(sample("a", at));
  server.doubt(sample("a", 4));
  server.restartFrom(3);
  assertEquals(server.trusted.map(({ atSeconds }) => atSeconds), [3, 4]);
  assertEquals(server.doubted, []);
});
