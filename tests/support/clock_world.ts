import type { Sample } from "../../daemon/estimate/sample.ts";
import { Random } from "./random.ts";

/** An oscillator with a known truth: utc − raw starts at `offsetSeconds` and runs away with `frequency`. */
export interface OscillatorModel {
  readonly offsetSeconds: number;
  readonly frequency: number;
  /** White FM: s per √s. */
  readonly whiteFm: number;
  /** Random-walk FM: s/s per √s. */
  readonly randomWalk: number;
}

/** A server and the way to it. Queueing is one-sided: it only ever adds to the base delays. */
export interface PathModel {
  readonly source: string;
  readonly upSeconds: number;
  readonly downSeconds: number;
  readonly queueUp: (random: Random) => number;
  readonly queueDown: (random: Random) => number;
  /** What the server's own clock is off, s, at a raw time. */
  readonly serverError?: (atSeconds: number) => number;
  readonly rootDistanceSeconds: number;
}

/** A little world in which the true time is known. Time only runs forward. */
export class ClockWorld {
  readonly random: Random;
  readonly #model: OscillatorModel;
  #atSeconds = 0;
  #offsetSeconds: number;
  #frequency: number;

  constructor(seed: number, model: OscillatorModel) {
    this.random = new Random(seed);
    this.#model = model;
    this.#offsetSeconds = model.offsetSeconds;
    this.#frequency = model.frequency;
  }

  /** Now, raw s. */
  get atSeconds(): number {
    return this.#atSeconds;
  }

  /** utc − raw now, s. */
  get trueOffsetSeconds(): number {
    return this.#offsetSeconds;
  }

  /** d(utc)/d(raw) − 1 now. */
  get trueFrequency(): number {
    return this.#frequency;
  }

  /** Lets the oscillator run until `atSeconds` (at once when that is past). */
  advanceTo(atSeconds: number): void {
    const dt = Math.max(0, atSeconds - this.#atSeconds);
    // Exact discretisation of the random walk: the frequency's increment and its integral are correlated.
    const walk = this.#model.randomWalk * Math.sqrt(dt) * this.random.gaussian();
    const area = dt * walk / 2 +
      this.#model.randomWalk * Math.sqrt(dt ** 3 / 12) * this.random.gaussian();
    this.#offsetSeconds += this.#frequency * dt + area +
      this.#model.whiteFm * Math.sqrt(dt) * this.random.gaussian();
    this.#frequency += walk;
    this.#atSeconds += dt;
  }

  /** The raw clock jumps against the truth. */
  step(offsetSeconds: number, frequency = 0): void {
    this.#offsetSeconds += offsetSeconds;
    this.#frequency += frequency;
  }

  /** One exchange, begun now; afterwards it is the time of the answer. */
  ask(path: PathModel): Sample {
    const t1 = this.#atSeconds;
    const up = path.upSeconds + path.queueUp(this.random);
    const down = path.downSeconds + path.queueDown(this.random);
    this.advanceTo(t1 + up);
    const serverOffset = this.#offsetSeconds + (path.serverError?.(this.#atSeconds) ?? 0);
    this.advanceTo(t1 + up + down);
    return {
      source: path.source,
      atSeconds: this.#atSeconds,
      // t2 = t3 = t1 + up + serverOffset and t4 = t1 + up + down: ((t2 − t1) + (t3 − t4)) / 2.
      offsetSeconds: serverOffset + (up - down) / 2,
      delaySeconds: up + down,
      rootDistanceSeconds: path.rootDistanceSeconds,
    };
  }
}
