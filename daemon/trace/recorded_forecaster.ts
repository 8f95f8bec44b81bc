/**
 * What the models said at each prediction, overheard for a trace and said again in a replay. Their answers come when
 * they come, and not on every machine alike: a replay cannot ask them again.
 *
 * @module
 */
import type { Estimate, SelectingEstimator } from "../estimate/estimator.ts";
import type { Forecast, Forecaster, ForecasterHealth } from "../forecast/forecaster.ts";

/** What the models contributed to one prediction. */
export interface Spoken {
  readonly health: ForecasterHealth;
  readonly forecast: Forecast | null;
}

/** What is said before anything was. */
export const SILENCE: Spoken = { health: "waiting", forecast: null };

/** Forecasts beyond this move the centre no further: it is held within one sigma, s. */
export const MAX_FORECAST_SECONDS = 1e10;

/** Passes everything on, and remembers what was said last. */
export class OverheardForecaster implements Forecaster {
  readonly #speaker: Forecaster;
  #forecast: Forecast | null = null;

  /** Listens to `speaker`. */
  constructor(speaker: Forecaster) {
    this.#speaker = speaker;
  }

  /** What was said since the last time; nothing is forecast twice. */
  takeSpoken(): Spoken {
    const forecast = this.#forecast;
    this.#forecast = null;
    return { health: this.#speaker.health, forecast };
  }

  follow(estimator: SelectingEstimator): void {
    this.#speaker.follow(estimator);
  }

  attend(estimator: SelectingEstimator, atSeconds: number): void {
    this.#speaker.attend(estimator, atSeconds);
  }

  forecast(estimate: Estimate): Forecast | null {
    return this.#forecast = limited(this.#speaker.forecast(estimate));
  }

  get health(): ForecasterHealth {
    return this.#speaker.health;
  }
}

/** Says what it is told to. */
export class RecordedForecaster implements Forecaster {
  /** What to say at the next prediction. */
  spoken: Spoken = SILENCE;

  /** Has nothing to learn. */
  follow(): void {}

  /** Has nobody to ask. */
  attend(): void {}

  forecast(): Forecast | null {
    return this.spoken.forecast;
  }

  get health(): ForecasterHealth {
    return this.spoken.health;
  }
}

/** In figures that a trace can hold, to the same effect; null where no figure was given. */
function limited(forecast: Forecast | null): Forecast | null {
  if (forecast === null || Number.isNaN(forecast.offsetSeconds) || Number.isNaN(forecast.sigmaSeconds)) {
    return null;
  }
  const { offsetSeconds, sigmaSeconds, source } = forecast;
  const within = (value: number) => Math.max(-MAX_FORECAST_SECONDS, Math.min(MAX_FORECAST_SECONDS, value));
  return { offsetSeconds: within(offsetSeconds), sigmaSeconds: Math.max(0, within(sigmaSeconds)), source };
}
