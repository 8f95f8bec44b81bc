import { assertEquals } from "@std/assert";
import type { Sample } from "../../../daemon/estimate/sample.ts";
import { SampleWindow } from "../../../daemon/estimate/sample_window.ts";
import { HISTORY_SAMPLES, SampleHistory } from "../../../daemon/forecast/sample_history.ts";

function sample(source: string, atSeconds: number): Sample {
  return { source, atSeconds, offsetSeconds: 0, delaySeconds: 1e-3, rootDistanceSeconds: 1e-3 };
}

/** A window that trusts everything, and the history that follows it. */
function scene() {
  const window = new SampleWindow();
  const history = new SampleHistory();
  const hear = (source: string, atSeconds: number) => {
    window.hear(source, atSeconds).trust(sample(source, atSeconds));
    return history.follow(window);
  };
  return { window, history, hear, times: () => history.samples.map(({ atSeconds }) => atSeconds) };
}

Deno.test("SampleHistory remembers more than the window does, but not without end", () => {
  const { history, hear } = scene();
  for (let at = 1; at <= 700; at++) hear("a", at);
  assertEquals(history.samples.length, HISTORY_SAMPLES);
  assertEquals([history.samples[0]!.atSeconds, history.samples.at(-1)!.atSeconds], [101, 700]);
});

Deno.test("SampleHistory gives up what the window gave up, and tells so", () => {
  const { window, history, hear, times } = scene();
  for (let at = 1; at <= 5; at++) assertEquals(hear(at % 2 === 0 ? "a" : "b", at), true);
  window.restartFrom(4);
  assertEquals(history.follow(window), false);
  assertEquals(times(), [4, 5]);
  assertEquals(hear("b", 6), true);
  assertEquals(times(), [4, 5, 6]);
});

Deno.test("SampleHistory takes doubted samples in once they are trusted", () => {
  const { window, history, hear, times } = scene();
  hear("a", 1);
  window.find("a")!.doubt(sample("a", 2));
  assertEquals(history.follow(window), true);
  assertEquals(times(), [1]);
  window.find("a")!.restartFrom(2);
  assertEquals(history.follow(window), false);
  assertEquals(times(), [2]);
});
