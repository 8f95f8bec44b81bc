import { noDisruptions } from "../../../../daemon/disruption.ts";
import { Pipeline } from "../../../../daemon/pipeline.ts";
import type { PipelineOptions } from "../../../../daemon/pipeline.ts";
import { composeRecord } from "../../../../daemon/publish/publication.ts";
import type { ObservedStatus } from "../../../../daemon/status/status_document.ts";
import type { ServiceStatus } from "../../../../daemon/service_status.ts";
import type { ServerStatus } from "../../../../daemon/sources/ntp_server.ts";
import type { KernelClock } from "../../../../ffi/clocks.ts";
import { stateOf } from "../../../../record/observation.ts";
import { emptyRecord } from "../../../../record/record.ts";
import { fromNs } from "../../../../record/unix_time.ts";
import { BASE, type ExchangeDescription, exchangeOf, rawNsAt } from "../../exchange_of.ts";

const OPTIONS: PipelineOptions = {
  warmupSeconds: 10,
  holdoverAfterSeconds: 60,
  horizonSeconds: 60,
  maxUncertaintySeconds: 0.01,
  sources: 3,
  settleSeconds: 2,
};

/** A kernel whose clock nobody disciplines. */
export const LOOSE: KernelClock = {
  synchronized: false,
  maxErrorSeconds: 16,
  estimatedErrorSeconds: 16,
  frequency: 0,
  pendingLeap: 0,
  taiOffsetSeconds: 0,
};

/** One whose clock is disciplined to within 50 ms. */
export const DISCIPLINED: KernelClock = { ...LOOSE, synchronized: true, maxErrorSeconds: 0.05 };

/** What a test wants to look at. */
export interface Scene {
  readonly exchanges?: readonly ExchangeDescription[];
  readonly options?: Partial<PipelineOptions>;
  readonly kernel?: KernelClock;
  /** When the last prediction was made, raw s since the base. */
  readonly predictedAtSeconds: number;
  /** How long ago that is. */
  readonly ageSeconds?: number;
  /** Told the pipeline before it predicts. */
  readonly before?: (pipeline: Pipeline) => void;
  readonly names?: ServiceStatus["names"];
}

/** A status as a service would give it, its record seen at the very instant of its publication. */
export function statusOfScene(scene: Scene): ObservedStatus {
  const options = { ...OPTIONS, ...scene.options };
  const pipeline = new Pipeline(options, BASE);
  for (const exchange of scene.exchanges ?? []) pipeline.add(exchangeOf(exchange));
  scene.before?.(pipeline);
  const { predictedAtSeconds, ageSeconds = 0 } = scene;
  const prediction = pipeline.predict(rawNsAt(predictedAtSeconds), scene.kernel ?? LOOSE);
  const rawNs = rawNsAt(predictedAtSeconds + ageSeconds);
  return {
    shmName: "chronotick_test",
    frequencyHz: 100,
    rawNs,
    uptimeSeconds: 100,
    options,
    prediction,
    observation: observe(prediction, rawNs),
    tornReadRetries: 0,
    estimator: pipeline.estimator,
    names: scene.names ?? [],
    publisher: {
      lateness: NO_TIMING,
      writeTime: NO_TIMING,
      latePublications: 3,
      missedPeriods: 1,
      realtimeSteps: 2,
      disruptions: 0,
    },
    honesty: pipeline.honesty,
    disruptions: { ...noDisruptions(), ...pipeline.disruptions },
    lastDisruption: null,
    models: null,
  };
}

const NO_TIMING = { count: 0, minSeconds: 0, meanSeconds: 0, p99Seconds: 0, maxSeconds: 0 };

/** CLOCK_REALTIME runs with the raw clock here, and reads UTC of the base. */
function observe(prediction: ServiceStatus["prediction"], rawNs: bigint) {
  const record = emptyRecord();
  const realtimeNs = BASE.utcNs + (rawNs - BASE.rawNs);
  composeRecord(
    record,
    { ...prediction, totalPredictions: 7 },
    { rawNs, realtimeNs, boottimeNs: rawNs, monotonicNs: rawNs, spreadNs: 0 },
    {
      steeringRate: 0,
      periodSeconds: 0.01,
      disruptions: prediction.disruptionsSeen,
      namespaceOffsetNs: 0n,
      writerPid: 1,
      uptimeSeconds: 100,
      averageLatencyMs: 0.02,
    },
  );
  return { record, system: fromNs(realtimeNs), ageSeconds: 0, state: stateOf(record, 0) };
}

/** A server's own account of itself. */
export function serverStatus(source: string, fields: Partial<ServerStatus> = {}): ServerStatus {
  return {
    source,
    address: { hostname: "192.0.2.1", port: 123 },
    scope: "public",
    reach: 0xff,
    polls: 10,
    answers: 10,
    intervalSeconds: 16,
    nextPollAtRawSeconds: Number(rawNsAt(0)) / 1e9,
    ignored: {},
    failures: {},
    kisses: {},
    lastExchange: null,
    ...fields,
  };
}

/** Three exchanges a second for `seconds` from servers a, b and c, each with its own offset. */
export function answersOf(
  offsetsSeconds: Readonly<Record<string, number>>,
  seconds: number,
): ExchangeDescription[] {
  return Array.from(
    { length: seconds },
    (_, second) =>
      Object.entries(offsetsSeconds).map(([source, offsetSeconds]) => ({
        source,
        atSeconds: second + 1,
        offsetSeconds,
      })),
  ).flat();
}
