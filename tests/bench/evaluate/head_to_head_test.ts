import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { runHeadToHead } from "../../../bench/evaluate/head_to_head.ts";
import { headToHead } from "../../../bench/evaluate/head_to_head_command.ts";
import { findChronyd } from "../../../bench/evaluate/live_chronyd.ts";
import { SCENARIOS } from "../../../sim/world/scenarios.ts";
import { available } from "../../support/available.ts";

const SECONDS = 12;
/** Delays of the scenario's network, s: no party can be off by more. */
const WORST_SECONDS = 2e-3;

Deno.test({
  name: "chronyd and the daemon both find the truth of a live world, within what they claim",
  ignore: !available("chronyd"),
  async fn() {
    let progress = 0;
    const { pairs, instants, questions } = await runHeadToHead({
      scenario: SCENARIOS.cloud,
      seed: 1,
      seconds: SECONDS,
      chronyd: findChronyd()!,
      onProgress: (fraction) => progress = fraction,
    });
    assertGreater(instants, SECONDS);
    // Each asks its only server every other second, and some times at the start.
    assertGreater(questions, SECONDS / 2);
    assertGreater(progress, 0.8);
    const last = pairs.at(-1);
    assert(last !== undefined, "both had a time at the end");
    for (const { errorSeconds, boundSeconds, readWithinSeconds } of [last.chronyd, last.chronotick]) {
      assertLess(Math.abs(errorSeconds), Math.min(WORST_SECONDS, boundSeconds + readWithinSeconds));
    }
  },
});

Deno.test("findChronyd() looks into the folders that it is given", () => {
  assertEquals(findChronyd([]), null);
  assertEquals(findChronyd(["/nowhere"]), null);
});

Deno.test("without chronyd there is no comparison, and nothing is started", async () => {
  const request = { name: "lan", scenario: SCENARIOS.lan, seed: 1, networks: 1, seconds: 30, plots: null };
  assertEquals(await headToHead(request, null), null);
});
