import { assertEquals } from "@std/assert";
import type { Estimate } from "../../../daemon/estimate/estimator.ts";
import type { KernelClock } from "../../../ffi/clocks.ts";
import { CorrectionSource } from "../../../record/layout.ts";
import { formatTraceLine, type TraceLine } from "../../../daemon/trace/trace_line.ts";
import { TraceRecorder } from "../../../daemon/trace/trace_recorder.ts";

const KERNEL: KernelClock = {
  synchronized: true,
  maxErrorSeconds: 0.01,
  estimatedErrorSeconds: 0.001,
  frequency: 0,
  pendingLeap: 0,
  taiOffsetSeconds: 37,
};

Deno.test("TraceRecorder numbers predictions as the publisher does and says of the kernel's clock what changes", () => {
  const held: TraceLine[] = [];
  const released: bigint[] = [];
  const writer = {
    hold: (line: TraceLine) => held.push(line),
    release: (until: bigint) => released.push(until),
  };
  let now = 100n;
  const recorder = new TraceRecorder(writer, "program", () => now++);
  const options = {
    warmupSeconds: 1,
    holdoverAfterSeconds: 2,
    horizonSeconds: 3,
    maxUncertaintySeconds: 4,
    sources: 1,
    settleSeconds: 0,
  };
  recorder.start({ rawNs: 7n, utcNs: 8n }, options, {
    frequency: 1e-5,
    frequencyVariance: 1e-14,
    floorsSeconds: { a: 0.002 },
  });
  recorder.prediction(9n, KERNEL);
  const forecast = { offsetSeconds: 1e-6, sigmaSeconds: Infinity, source: CorrectionSource.FUSION };
  const models = recorder.overhear({ follow() {}, attend() {}, forecast: () => forecast, health: "ready" });
  models!.forecast({} as Estimate);
  recorder.prediction(10n, { ...KERNEL });
  recorder.lost("a", 5n);
  recorder.prediction(11n, { ...KERNEL, synchronized: false });
  const clocks = { rawNs: 12n, realtimeNs: 13n, boottimeNs: 14n };
  const publication = { number: 3, disruptions: 0, clocks, steeringRate: 0, allowanceSeconds: 0.5 };
  recorder.published({ publishedRawNs: 15n, publication });
  recorder.disruption(16n, 1, "suspend");
  assertEquals(held.map(formatTraceLine), [
    '{"type":"start","version":1,"local":7,"program":"program","base_raw":7,"base_utc":8,"warmup":1,"holdover_after":2,"horizon":3,"max_uncertainty":4,"sources":1,"settle":0,"prior_frequency":0.00001,"prior_frequency_variance":1e-14,"prior_floors":{"a":0.002}}',
    '{"type":"kernel","local":9,"synchronized":true,"max_error":0.01,"estimated_error":0.001,"frequency":0,"pending_leap":0,"tai_offset":37}',
    '{"type":"predict","local":9,"number":2}',
    '{"type":"predict","local":10,"number":3,"models":"ready","forecast":0.000001,"forecast_sigma":10000000000,"forecast_source":4}',
    '{"type":"lost","local":100,"server":"a","t1":5}',
    '{"type":"kernel","local":11,"synchronized":false,"max_error":0.01,"estimated_error":0.001,"frequency":0,"pending_leap":0,"tai_offset":37}',
    '{"type":"predict","local":11,"number":4,"models":"ready"}',
    '{"type":"published","local":15,"number":3,"disruptions":0,"raw":12,"realtime":13,"boottime":14,"steering":0,"allowance":0.5}',
    '{"type":"disruption","local":16,"count":1,"reason":"suspend"}',
  ]);
  assertEquals(released, [15n]);
});
