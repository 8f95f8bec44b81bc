import { z } from "zod";
import { type CorrectedTime, differenceSeconds, formatSeconds, toIsoString, toSeconds } from "../../mod.ts";
import { instant } from "../instant.ts";
import { finiteOrNull } from "../time_report.ts";
import { Refusal } from "../refusal.ts";
import { type Call, defineTool, type Tool } from "../tool.ts";

/** Longer waits are better left to a timer: no client waits that long for an answer. */
const MAX_WAIT_SECONDS = 3600;
const DEFAULT_TOLERANCE_MS = 1;
const MIN_TOLERANCE_MS = 0.05;
const MAX_TOLERANCE_MS = 60_000;
const PROGRESS_INTERVAL_MS = 1000;

/** Sleeps until an instant of corrected time. */
export const waitUntilTime: Tool = defineTool({
  name: "wait_until_time",
  title: "Wait until a time",
  description:
    "Answers when the corrected time reaches the target, and says how near it came. Use it to do something together " +
    "with others at an agreed instant, up to an hour ahead; a target that is over is answered at once. Raise your " +
    "client's timeout for long waits, or ask for progress.",
  input: {
    target_corrected_time: instant.describe("When to wake, by corrected time: Unix seconds or ISO 8601"),
    tolerance_ms: z.number().min(MIN_TOLERANCE_MS).max(MAX_TOLERANCE_MS).default(DEFAULT_TOLERANCE_MS)
      .describe(
        "How late the wake-up may be, ms; below 3 ms it is precise at the price of a little processor time",
      ),
  },
  output: {
    target_corrected_time: z.number().describe("Unix seconds"),
    actual_wake_time: z.number().describe("The corrected time at the wake-up, Unix seconds"),
    actual_wake_iso: z.string().describe("The same, ISO 8601, exact to the ns"),
    accuracy_achieved: z.number().describe("Wake-up minus target by this clock, s: positive is late"),
    is_within_tolerance: z.boolean(),
    uncertainty: z.number().describe("One calibrated sigma of the wake-up's time, s"),
    max_error: z.number().describe("Hard half-width of the wake-up's time, s; null: unknown").nullable(),
    earliest: z.string().describe("The wake-up certainly was not before this, ISO 8601").nullable(),
    latest: z.string().describe("The wake-up certainly was not after this, ISO 8601").nullable(),
    system_time: z.number().describe("This machine's own clock at the wake-up, Unix seconds"),
    waited_seconds: z.number(),
    was_past: z.boolean().describe("Whether the target was over before the wait began"),
  },
  nature: { isReadOnly: true, isIdempotent: false },
  async answer({ target_corrected_time: target, tolerance_ms: toleranceMs }, call) {
    const { clock, waitRoom } = call.session;
    const waitSeconds = differenceSeconds(target, clock.getTime().time);
    if (waitSeconds > MAX_WAIT_SECONDS) throw tooLongRefusal(waitSeconds);
    using place = waitRoom.enter();
    if (place === null) throw crowdedRefusal(waitRoom.capacity);
    using _progress = followWait(waitSeconds, call);
    const beganMs = performance.now();
    const wake = await clock.waitUntil(target, { toleranceMs, signal: call.signal });
    const lateSeconds = differenceSeconds(wake.time, target);
    return {
      sentence: sentence(wake, lateSeconds, waitSeconds < 0),
      result: {
        target_corrected_time: toSeconds(target),
        actual_wake_time: wake.correctedTimestamp,
        actual_wake_iso: toIsoString(wake.time),
        accuracy_achieved: lateSeconds,
        is_within_tolerance: lateSeconds * 1000 <= toleranceMs,
        uncertainty: wake.uncertaintySeconds,
        max_error: finiteOrNull(wake.maxErrorSeconds),
        earliest: wake.interval && toIsoString(wake.interval.earliest),
        latest: wake.interval && toIsoString(wake.interval.latest),
        system_time: wake.systemTimestamp,
        waited_seconds: (performance.now() - beganMs) / 1000,
        was_past: waitSeconds < 0,
      },
    };
  },
});

function sentence(wake: CorrectedTime, lateSeconds: number, wasPast: boolean): string {
  const what = wasPast
    ? `The target was over by ${formatSeconds(lateSeconds)} before the wait began; it is`
    : `Woke ${formatSeconds(lateSeconds)} after the target, at`;
  return `${what} ${toIsoString(wake.time)} (± ${
    formatSeconds(wake.uncertaintySeconds)
  }, one sigma; never off by more than ${formatSeconds(wake.maxErrorSeconds)}).`;
}

/** Tells the client how far a long wait has come. */
function followWait(waitSeconds: number, { reportProgress }: Call): Disposable {
  const beganMs = performance.now();
  const timer = reportProgress === null ? undefined : setInterval(() => {
    const waited = Math.min(waitSeconds, (performance.now() - beganMs) / 1000);
    reportProgress(waited, waitSeconds, `${(waitSeconds - waited).toFixed(0)} s to go.`);
  }, PROGRESS_INTERVAL_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function tooLongRefusal(waitSeconds: number): Refusal {
  return new Refusal(
    `Cannot wait ${
      waitSeconds.toFixed(0)
    } s: the longest wait is ${MAX_WAIT_SECONDS} s. Use schedule_action, and wait when the time is nearer.`,
  );
}

function crowdedRefusal(capacity: number): Refusal {
  return new Refusal(
    `Cannot begin another wait: ${capacity} are under way. Cancel one, or use schedule_action.`,
  );
}
