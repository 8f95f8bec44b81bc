/**
 * The daemon's filter with its models' word, as one who takes part in the evaluation.
 *
 * @module
 */
import { parseConfig } from "../../daemon/config.ts";
import { ModelHost } from "../../daemon/forecast/model_host.ts";
import type { ModelRole } from "../../daemon/forecast/model_signature.ts";
import { Pipeline } from "../../daemon/pipeline.ts";
import type { TimekeeperFactory } from "../../sim/world/run_scenario.ts";
import type { Contender } from "./contenders.ts";

/** Which files to take; null: the ones that come with ChronoTick. */
export type ModelFiles = Readonly<Record<ModelRole, string | null>>;

const SHIPPED: ModelFiles = { short_term: null, long_term: null };

/** Ends with its models' thread. */
export class ModelledContender implements Contender, Disposable {
  static readonly NAME = "joint_models";
  readonly name = ModelledContender.NAME;
  readonly summary = "The pipeline as it is, with both models";
  readonly create: TimekeeperFactory;
  readonly #host: ModelHost;

  private constructor(host: ModelHost) {
    this.#host = host;
    this.create = (options, base) =>
      new Pipeline(options, base, host.createBlockingForecaster(refuseTrouble));
  }

  /**
   * Loads the models.
   *
   * @throws {ModelError} one of them cannot be used
   */
  static async start(files: ModelFiles = SHIPPED): Promise<ModelledContender> {
    const { models } = parseConfig("", { fileName: "the defaults" });
    const host = await ModelHost.start({
      ...models,
      shortTerm: { ...models.shortTerm, path: files.short_term },
      longTerm: { ...models.longTerm, path: files.long_term },
    });
    await host!.loaded;
    return new ModelledContender(host!);
  }

  [Symbol.dispose](): void {
    this.#host[Symbol.dispose]();
  }
}

/** Figures of models that fail would be figures of the filter alone. */
function refuseTrouble(role: ModelRole, trouble: string | null): void {
  if (trouble !== null) throw new Error(`Cannot evaluate the ${role.replace("_", "-")} model: ${trouble}.`);
}
