import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  type Discovery,
  type PastPrediction,
  rejudge,
  rejudgedResidual,
  residualAt,
  type RetrospectiveMethod,
} from "../../../daemon/forecast/retrospective.ts";

/** Offset known to 4 µs, frequency to 0.3 ppm. */
function predictionAt(atSeconds: number, offsetSeconds = 1e-3): PastPrediction {
  const claim = {
    atSeconds,
    offsetSeconds,
    frequency: 1e-6,
    offsetVariance: 16e-12,
    offsetFrequencyCovariance: 0,
    frequencyVariance: 0.09e-12,
    biasVariance: 1,
    randomWalkVariance: 0,
  };
  return { atSeconds, offsetSeconds, frequency: 1e-6, claim, scale: 1 };
}

/** At 110 s, 10 s after the measurement before, 36 µs are missing; the measurement is good for 3 µs. */
const DISCOVERY: Discovery = {
  atSeconds: 110,
  sinceSeconds: 100,
  missingSeconds: 36e-6,
  noiseVariance: 9e-12,
};
const PAST = [99, 100, 105, 110, 111].map((atSeconds) => predictionAt(atSeconds));

function corrections(method: RetrospectiveMethod): [number, number][] {
  return rejudge(method, PAST, DISCOVERY, () => null)
    .map(({ prediction, correctionSeconds }) => [prediction.atSeconds, correctionSeconds * 1e6]);
}

function assertCorrections(actual: [number, number][], expected: [number, number][]): void {
  assertEquals(actual.map(([at]) => at), expected.map(([at]) => at));
  actual.forEach(([, micros], i) => assertAlmostEquals(micros, expected[i]![1], 1e-9));
}

Deno.test("rejudge() by none judges nothing", () => {
  assertEquals(corrections("none"), []);
});

Deno.test("rejudge() by linear lets the error grow from nothing since the measurement before", () => {
  assertCorrections(corrections("linear"), [[100, 0], [105, 18], [110, 36]]);
});

Deno.test("rejudge() by drift_aware splits the error as the claims for offset and frequency are", () => {
  // Offset and measurement: 16 + 9 = 25 µs²; frequency over 10 s: (3 µs)² = 9 µs². Growing: 9/34; there all along: 25/34.
  const all = 36 * 25 / 34;
  assertCorrections(corrections("drift_aware"), [[100, all], [105, all + 36 * 9 / 34 / 2], [110, 36]]);
});

Deno.test("rejudge() by replay asks the estimator what it now thinks of each instant", () => {
  const asked: number[] = [];
  const rejudged = rejudge("replay", PAST, DISCOVERY, (atSeconds) => {
    asked.push(atSeconds);
    return atSeconds === 105 ? null : { ...PAST[0]!.claim, atSeconds, offsetSeconds: 1.002e-3 };
  });
  assertEquals(asked, [100, 105, 110]);
  assertCorrections(
    rejudged.map(({ prediction, correctionSeconds }) => [prediction.atSeconds, correctionSeconds * 1e6]),
    [[100, 2], [110, 2]],
  );
});

Deno.test("rejudge() puts an error on the whole stretch where there is no time to grow", () => {
  const sudden = { ...DISCOVERY, sinceSeconds: 110 };
  const [only] = rejudge("linear", PAST, sudden, () => null);
  assertAlmostEquals(only!.correctionSeconds, 36e-6, 1e-15);
});

Deno.test("rejudgedResidual() carries the measurement's noise as far as the correction", () => {
  const halfway = rejudge("linear", PAST, DISCOVERY, () => null)[1]!;
  const { residualSeconds, claimedVariance, noiseVariance } = rejudgedResidual(halfway);
  assertAlmostEquals(residualSeconds, 18e-6, 1e-15);
  assertAlmostEquals(claimedVariance, 16e-12, 1e-22);
  assertAlmostEquals(noiseVariance, 2.25e-12, 1e-22);
});

Deno.test("residualAt() carries a prediction and its claim to the measurement", () => {
  const residual = residualAt(predictionAt(100), {
    atSeconds: 110,
    offsetSeconds: 1.05e-3,
    noiseVariance: 1e-12,
  });
  // 1 ms and 10 s at 1 ppm make 1.01 ms; (4 µs)² and (10 s × 0.3 ppm)² make 25 µs².
  assertAlmostEquals(residual.residualSeconds, 40e-6, 1e-12);
  assertAlmostEquals(residual.claimedVariance, 25e-12, 1e-20);
  assertEquals(residual.noiseVariance, 1e-12);
});
