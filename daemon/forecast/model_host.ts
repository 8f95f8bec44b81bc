/**
 * Where the models come from: their files, judged and loaded.
 *
 * @module
 */
import { readPart } from "../../cli/part.ts";
import type { Config, ModelConfig } from "../config.ts";
import { Inference } from "./inference.ts";
import type { ModelAdapter } from "./model_adapter.ts";
import { ModelForecaster } from "./model_forecaster.ts";
import { HORIZONS, modelKind, type ModelRole, type Signature, signatureFault } from "./model_signature.ts";
import type { ModelReport, ModelSettings } from "./model_slot.ts";
import type { TimingHistogram } from "../publish/timing_histogram.ts";
import { ResidualModel } from "./residual_model.ts";
import { UnivariateModel } from "./univariate_model.ts";

/** No model is larger. */
const MAX_MODEL_BYTES = 1024 * 1024 * 1024;

/** The model that comes with ChronoTick. */
function shipped(role: ModelRole): URL {
  return new URL(`../../models/${role}.onnx`, import.meta.url);
}

/** A configured model cannot be used. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  /** The place that it was to fill. */
  readonly role: ModelRole;
  /** What is wrong with it. */
  readonly reason: string;

  constructor(role: ModelRole, file: string, reason: string) {
    super(`Cannot use ${file} as the ${role.replace("_", "-")} model: ${reason}.`);
    this.role = role;
    this.reason = reason;
  }
}

/** What became of an enabled model. */
type Outcome = { readonly settings: ModelSettings } | { readonly role: ModelRole; readonly trouble: string };

/** The configured models, in one thread. */
export class ModelHost implements Disposable {
  /** Settles when every model is loaded or was found lacking; rejects with the ModelError of one that the user chose. */
  readonly loaded: Promise<void>;
  readonly #enabled: readonly [ModelRole, ModelConfig][];
  readonly #inference = new Inference();
  readonly #outcomes: Outcome[] = [];
  readonly #forecasters: ModelForecaster[] = [];

  private constructor(enabled: readonly [ModelRole, ModelConfig][]) {
    this.#enabled = enabled;
    this.loaded = this.#load();
    this.loaded.catch(() => {}); // told to whoever awaits it
  }

  /**
   * Begins to load the enabled models; null when there are none. Waits only for those that the user chose: without one
   * of ChronoTick's own the daemon can do.
   *
   * @throws {ModelError} a model that the user chose cannot be used
   */
  static async start(models: Config["models"]): Promise<ModelHost | null> {
    const enabled = enabledModels(models);
    if (enabled.length === 0) return null;
    const host = new ModelHost(enabled);
    try {
      if (enabled.some(([, { path }]) => path !== null)) await host.loaded;
      return host;
    } catch (error) {
      host[Symbol.dispose]();
      throw error;
    }
  }

  /** A forecaster that asks the models as soon as they are loaded. `report` hears of a model's trouble once, and of its end. */
  createForecaster(report: ModelReport): ModelForecaster {
    return this.#equip(new ModelForecaster(this.#enabled.length, this.#inference, report));
  }

  /** One for a simulator: answers come at once, whatever it takes. */
  createBlockingForecaster(report: ModelReport): ModelForecaster {
    return this.#equip(new ModelForecaster(this.#enabled.length, this.#inference.blocking(), report));
  }

  /** How long the models took to answer, all together. */
  get durations(): TimingHistogram {
    return this.#inference.durations;
  }

  /** Ends the thread. */
  [Symbol.dispose](): void {
    this.#inference[Symbol.dispose]();
  }

  #equip(forecaster: ModelForecaster): ModelForecaster {
    for (const outcome of this.#outcomes) tell(forecaster, outcome);
    if (this.#outcomes.length < this.#enabled.length) this.#forecasters.push(forecaster);
    return forecaster;
  }

  /** One after the other: the runtime itself is started by the first. */
  async #load(): Promise<void> {
    for (const [role, config] of this.#enabled) {
      const outcome = await this.#tryToLoad(role, config);
      this.#outcomes.push(outcome);
      for (const forecaster of this.#forecasters) tell(forecaster, outcome);
    }
    this.#forecasters.length = 0;
  }

  async #tryToLoad(role: ModelRole, config: ModelConfig): Promise<Outcome> {
    try {
      return { settings: await loadModel(this.#inference, role, config) };
    } catch (error) {
      if (!(error instanceof ModelError) || config.path !== null) throw error;
      return { role, trouble: error.reason };
    }
  }
}

function tell(forecaster: ModelForecaster, outcome: Outcome): void {
  if ("settings" in outcome) forecaster.equip(outcome.settings);
  else forecaster.lack(outcome.role, outcome.trouble);
}

function enabledModels({ enabled, shortTerm, longTerm }: Config["models"]): [ModelRole, ModelConfig][] {
  const models: [ModelRole, ModelConfig][] = [["short_term", shortTerm], ["long_term", longTerm]];
  return models.filter(([, model]) => enabled && model.enabled);
}

async function loadModel(inference: Inference, role: ModelRole, config: ModelConfig): Promise<ModelSettings> {
  const file = config.path ?? decodeURIComponent(shipped(role).pathname);
  const { contextLength, intervalSeconds, horizonSeconds } = config;
  let signature: Signature;
  try {
    signature = await inference.load(role, await readModel(role, config.path));
  } catch (error) {
    throw new ModelError(role, file, error instanceof Error ? error.message : String(error));
  }
  const adapter = adapterFor(signature, role, config);
  if (adapter === null) throw new ModelError(role, file, signatureFault(signature, role, contextLength));
  return { role, adapter, intervalSeconds, horizonSeconds };
}

async function readModel(role: ModelRole, file: string | null): Promise<Uint8Array> {
  if (file === null) return await readPart(shipped(role));
  const { size } = await Deno.stat(file);
  if (size > MAX_MODEL_BYTES) throw new Error(`it is larger than ${MAX_MODEL_BYTES} bytes`);
  return await Deno.readFile(file);
}

function adapterFor(signature: Signature, role: ModelRole, config: ModelConfig): ModelAdapter | null {
  const { contextLength, intervalSeconds: stepSeconds } = config;
  const kind = modelKind(signature, role, contextLength);
  if (kind === null) return null;
  if (kind === "residual") return new ResidualModel(contextLength, HORIZONS[role]);
  const [, paths, steps] = signature.outputs[0]!.shape.map(Number);
  return new UnivariateModel({ contextLength, stepSeconds, paths: paths!, steps: steps! });
}
