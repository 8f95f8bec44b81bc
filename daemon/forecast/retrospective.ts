/**
 * Looking back: what a measurement says of the predictions made before it.
 *
 * @module
 */
import { carryEstimate, type Estimate } from "../estimate/estimator.ts";
import type { Residual } from "./calibration.ts";

/**
 * How past predictions are judged anew.
 *
 * - `none`: they are not.
 * - `linear`: what the measurement found missing grew evenly since the measurement before.
 * - `drift_aware`: part of it was there all the time, part grew; in the proportion of what was claimed for offset and
 *   frequency.
 * - `replay`: the estimator says what it now thinks of that time. It remembers its log and lives it again where a
 *   measurement changes the past, such as the first one that did not queue.
 */
export const RETROSPECTIVE_METHODS = ["none", "linear", "drift_aware", "replay"] as const;

/** One of {@linkcode RETROSPECTIVE_METHODS}. */
export type RetrospectiveMethod = typeof RETROSPECTIVE_METHODS[number];

/** What was predicted at some instant. */
export interface PastPrediction {
  readonly atSeconds: number;
  /** utc − raw as published, relative to the base, s: models and the hard bound may have moved it. */
  readonly offsetSeconds: number;
  /** d(utc)/d(raw) − 1 as published. */
  readonly frequency: number;
  /** What was claimed about the offset's uncertainty, before any scale. */
  readonly claim: Estimate;
  /** λ that it was published with. */
  readonly scale: number;
}

/** A measurement compared with the prediction in force. */
export interface Discovery {
  readonly atSeconds: number;
  /** When the past that it speaks of began: the measurement before, or the disruption. */
  readonly sinceSeconds: number;
  /** Measured − predicted, the path's bias taken out, s. */
  readonly missingSeconds: number;
  /** Variance of the measurement itself, s². */
  readonly noiseVariance: number;
}

/** A past prediction judged anew. */
export interface Rejudged {
  readonly prediction: PastPrediction;
  /** What it should have had on top, s. */
  readonly correctionSeconds: number;
  /** Variance that the measurement's own noise brings into that, s². */
  readonly noiseVariance: number;
}

/** Judges `past` (oldest first) anew by `method`; `hindsight` is the estimator's present opinion of an earlier instant. */
export function rejudge(
  method: RetrospectiveMethod,
  past: readonly PastPrediction[],
  discovery: Discovery,
  hindsight: (atSeconds: number) => Estimate | null,
): Rejudged[] {
  const { atSeconds, sinceSeconds, missingSeconds, noiseVariance } = discovery;
  const concerned = past.filter((one) => one.atSeconds >= sinceSeconds && one.atSeconds <= atSeconds);
  switch (method) {
    case "none":
      return [];
    case "linear":
    case "drift_aware": {
      const growing = method === "linear" ? 1 : growingShare(concerned.at(-1), discovery);
      const spanSeconds = atSeconds - sinceSeconds;
      return concerned.map((prediction) => {
        const elapsed = spanSeconds > 0 ? (prediction.atSeconds - sinceSeconds) / spanSeconds : 1;
        const share = 1 - growing + growing * elapsed;
        return {
          prediction,
          correctionSeconds: share * missingSeconds,
          noiseVariance: share ** 2 * noiseVariance,
        };
      });
    }
    case "replay":
      return concerned.flatMap((prediction) => {
        const now = hindsight(prediction.atSeconds);
        if (now === null) return [];
        return [{
          prediction,
          correctionSeconds: now.offsetSeconds - prediction.offsetSeconds,
          noiseVariance: 0,
        }];
      });
  }
}

/** `prediction` compared with what is found `correctionSeconds` beside it at its own instant. */
export function rejudgedResidual({ prediction, correctionSeconds, noiseVariance }: Rejudged): Residual {
  return {
    residualSeconds: correctionSeconds,
    claimedVariance: prediction.claim.offsetVariance,
    noiseVariance,
  };
}

/** `prediction`, carried to `atSeconds`, compared with an offset measured there. */
export function residualAt(
  { offsetSeconds, frequency, claim, atSeconds: madeAt }: PastPrediction,
  measured: { readonly atSeconds: number; readonly offsetSeconds: number; readonly noiseVariance: number },
): Residual {
  return {
    residualSeconds: measured.offsetSeconds - offsetSeconds - frequency * (measured.atSeconds - madeAt),
    claimedVariance: carryEstimate(claim, measured.atSeconds).offsetVariance,
    noiseVariance: measured.noiseVariance,
  };
}

/** The frequency's share of what may have been missing. */
function growingShare(prediction: PastPrediction | undefined, discovery: Discovery): number {
  if (prediction === undefined) return 1;
  const spanSeconds = discovery.atSeconds - discovery.sinceSeconds;
  const { offsetVariance, frequencyVariance } = prediction.claim;
  const grown = frequencyVariance * spanSeconds ** 2;
  const total = offsetVariance + discovery.noiseVariance + grown;
  return total > 0 ? grown / total : 1;
}
