/**
 * How the published intervals have held, for the log.
 *
 * @module
 */
import type { Honesty } from "./forecast/self_check.ts";

/** One sentence or two. */
export function honestyText({ scale, coverage }: Honesty): string {
  const tested = coverage[0]?.tested ?? 0;
  if (tested === 0) return "No measurement has tested an interval yet.";
  const shares = coverage.map(({ promised, held }) => `${percent(held / tested)} for ${percent(promised)}`);
  return `Intervals held at ${
    shares.join(", ")
  } of ${tested} measurements (path asymmetry cannot be tested); ` +
    `sigma is scaled by ${scale.toFixed(2)}.`;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}
