import { assertEquals } from "@std/assert";
import { ReplayLog } from "../../../daemon/estimate/replay_log.ts";

const at = (atSeconds: number) => ({
  source: "a",
  atSeconds,
  offsetSeconds: 0,
  delaySeconds: 0,
  rootDistanceSeconds: 0,
});

Deno.test("ReplayLog puts a late sample where it belongs, and says that it was late", () => {
  const log = new ReplayLog();
  assertEquals([1, 3, 2].map((atSeconds) => log.insert(at(atSeconds), 1)), [true, true, false]);
  assertEquals(log.samples.map(({ atSeconds }) => atSeconds), [1, 2, 3]);
});

Deno.test("ReplayLog keeps 150 polls of each server, never more than 600 samples, and knows when it lost some", () => {
  for (const [servers, kept] of [[1, 150], [2, 300], [16, 600]] as const) {
    const log = new ReplayLog();
    for (let i = 0; i < kept; i++) log.insert(at(i), servers);
    assertEquals([log.samples.length, log.isWhole], [kept, true]);
    log.insert(at(kept), servers);
    assertEquals([log.samples.length, log.isWhole, log.samples[0]!.atSeconds], [kept, false, 1]);
    log.clear();
    assertEquals([log.samples.length, log.isWhole], [0, true]);
  }
});
