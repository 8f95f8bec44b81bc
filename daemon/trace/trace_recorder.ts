/**
 * Turns what happens in a daemon into the lines of a trace.
 *
 * @module
 */
import { Clock, type KernelClock, nowNs } from "../../ffi/clocks.ts";
import type { DisruptionReason } from "../disruption.ts";
import type { EstimatorPrior } from "../estimate/estimator.ts";
import type { TimeBase } from "../estimate/time_base.ts";
import type { Forecaster } from "../forecast/forecaster.ts";
import type { PipelineOptions } from "../pipeline.ts";
import type { PublicationReport } from "../publish/publication_watch.ts";
import type { Exchange } from "../sources/measurement.ts";
import { OverheardForecaster, SILENCE } from "./recorded_forecaster.ts";
import type { TraceLine } from "./trace_line.ts";
import type { TraceWriter } from "./trace_writer.ts";

/** The prediction that a daemon publishes before it has made one. */
const FIRST_PREDICTION = 1;

/**
 * Told by the service of everything that goes into its pipeline, and by the publisher of when the answers came out.
 * The publisher's thread reports a little late: lines wait for its next report, and then stand in the order in which
 * things happened.
 */
export class TraceRecorder {
  readonly #writer: Pick<TraceWriter, "hold" | "release">;
  readonly #program: string;
  readonly #nowRawNs: () => bigint;
  #predictions = FIRST_PREDICTION;
  #kernelText = "";
  #models: OverheardForecaster | null = null;

  /** `program` is who records, with its version. */
  constructor(
    writer: Pick<TraceWriter, "hold" | "release">,
    program: string,
    nowRawNs: () => bigint = () => nowNs(Clock.MONOTONIC_RAW),
  ) {
    this.#writer = writer;
    this.#program = program;
    this.#nowRawNs = nowRawNs;
  }

  /** The pipeline begins with these, the publisher with the prediction that nothing is known. */
  start(base: TimeBase, options: PipelineOptions, prior: EstimatorPrior | null): void {
    this.#predictions = FIRST_PREDICTION;
    this.#kernelText = "";
    this.#writer.hold({
      type: "start",
      localRawNs: base.rawNs,
      program: this.#program,
      base,
      options,
      prior,
    });
  }

  /** The pipeline takes new options. */
  options(options: PipelineOptions): void {
    this.#hold({ type: "options", localRawNs: this.#nowRawNs(), options });
  }

  /** The pipeline takes an exchange in. */
  exchange(exchange: Exchange): void {
    this.#hold({ type: "exchange", localRawNs: this.#nowRawNs(), exchange });
  }

  /** A question brought no usable answer. */
  lost(source: string, askedAtRawNs: bigint): void {
    this.#hold({ type: "lost", localRawNs: this.#nowRawNs(), source, t1RawNs: askedAtRawNs });
  }

  /** The pipeline is told of a disruption. */
  disruption(rawNs: bigint, count: number, reason: DisruptionReason): void {
    this.#hold({ type: "disruption", localRawNs: rawNs, count, reason });
  }

  /** The models, as the pipeline is to have them. */
  overhear(forecaster: Forecaster | null): Forecaster | null {
    return this.#models = forecaster && new OverheardForecaster(forecaster);
  }

  /** The pipeline has made a prediction, this being what the kernel says of its clock. */
  prediction(rawNs: bigint, kernel: KernelClock): void {
    const kernelText = JSON.stringify(kernel);
    if (kernelText !== this.#kernelText) this.#hold({ type: "kernel", localRawNs: rawNs, kernel });
    this.#kernelText = kernelText;
    this.#hold({
      type: "predict",
      localRawNs: rawNs,
      number: ++this.#predictions,
      spoken: this.#models?.takeSpoken() ?? SILENCE,
    });
  }

  /** The publisher published. It tells in order, so nothing that happened before comes after this. */
  published({ publishedRawNs, publication }: PublicationReport): void {
    this.#hold({ type: "published", localRawNs: publishedRawNs, publication });
    this.#writer.release(publishedRawNs);
  }

  #hold(line: TraceLine): void {
    this.#writer.hold(line);
  }
}
