import { assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import type { HeadToHeadRun, LiveReading } from "../../../bench/evaluate/head_to_head.ts";
import { headToHeadBars, headToHeadTable } from "../../../bench/evaluate/head_to_head_report.ts";
import { scoreHeadToHead } from "../../../bench/evaluate/head_to_head_score.ts";

const SECONDS = 300;

function reading(atSeconds: number, errorSeconds: number): LiveReading {
  return { atSeconds, errorSeconds, boundSeconds: 2.5e-3, readWithinSeconds: 1e-6 };
}

/** One reading a second: chronyd is off by `chronyd` ± 1 ms, ChronoTick by 1 ± 0.5 ms, in turn. */
function run(chronydMs: number): HeadToHeadRun {
  const pairs = Array.from({ length: SECONDS }, (_, second) => {
    const sign = second % 2 === 0 ? -1 : 1;
    return {
      chronyd: reading(second, (chronydMs + sign) * 1e-3),
      chronotick: reading(second, (1 + sign / 2) * 1e-3),
    };
  });
  return { pairs, instants: SECONDS, questions: 10, realtimeFrequency: 0 };
}

Deno.test("scoreHeadToHead() judges both from the second minute on", () => {
  const { readings, settledSeconds, parties, meanErrorRatio, wanderRatio } = scoreHeadToHead(
    [run(2)],
    SECONDS,
  );
  assertEquals([readings, settledSeconds], [240, 60]);
  // chronyd: 1 and 3 ms in turn; ChronoTick: 0.5 and 1.5 ms.
  assertAlmostEquals(parties.chronyd.meanError.value, 2e-3, 1e-12);
  assertAlmostEquals(parties.chronyd.p99Error.value, 3e-3, 1e-12);
  assertAlmostEquals(parties.chronotick.meanError.value, 1e-3, 1e-12);
  // The lower of the two middle errors is the median, so half of the readings are off it by the whole swing.
  assertAlmostEquals(parties.chronyd.wander.value, 1e-3, 1e-12);
  assertAlmostEquals(parties.chronotick.wander.value, 0.5e-3, 1e-12);
  assertEquals([parties.chronyd.violations, parties.chronotick.violations], [120, 0]);
  assertAlmostEquals(meanErrorRatio.ratio, 0.5, 1e-12);
  assertAlmostEquals(wanderRatio.ratio, 0.5, 1e-12);
  assertAlmostEquals(meanErrorRatio.high, 0.5, 1e-9);
});

Deno.test("scoreHeadToHead() gives each network the same weight, ratios geometrically", () => {
  const { parties, meanErrorRatio, wanderRatio } = scoreHeadToHead([run(2), run(8)], SECONDS);
  assertAlmostEquals(parties.chronyd.meanError.value, 5e-3, 1e-12);
  // 1/2 and 1/8.
  assertAlmostEquals(meanErrorRatio.ratio, 0.25, 1e-12);
  assertAlmostEquals(wanderRatio.ratio, 0.5, 1e-12);
  // t of one degree of freedom times half the distance of the logarithms.
  assertAlmostEquals(Math.log(meanErrorRatio.high / 0.25), 12.71 * Math.log(4) / 2, 1e-6);
});

Deno.test("the settling takes no more than a third of a short run", () => {
  assertEquals(scoreHeadToHead([run(2)], 60).settledSeconds, 20);
});

Deno.test("the outcome is shown as a table and as bars with their intervals", () => {
  const subject = { scenario: "cloud", summary: "A cloud", seed: 1000, networks: 1, seconds: SECONDS };
  const score = scoreHeadToHead([run(2)], SECONDS);
  const { title, rows } = headToHeadTable(subject, score);
  assertEquals(title, "cloud, 300 s in real time, one network: A cloud");
  assertEquals(rows[1]!.slice(0, 2), ["chronyd", "2000 ± 0"]);
  assertEquals(rows[3]!.slice(0, 2), ["ratio", "0.50 (0.50–0.50)"]);
  const svg = headToHeadBars(subject, score);
  assertStringIncludes(svg, "p99, chronotick");
  assertEquals(svg.match(/<rect /g)!.length, 6);
});
