/**
 * What is remembered of one server and the way to it.
 *
 * @module
 */
import { FloorMemory } from "./floor_memory.ts";
import { pathBiasVariance } from "./noise_model.ts";
import { QueueingNoise } from "./queueing_noise.ts";
import { RouteWatch } from "./route_watch.ts";
import type { Sample } from "./sample.ts";

/** Routes remembered of one server, the present one included. */
const MAX_ROUTES = 8;

/** A stretch of time in which the path stayed the same. */
export interface Route {
  readonly sinceSeconds: number;
  /** Shortest round trip, s, as far as known. */
  readonly floorSeconds: number;
  /** Variance of what the bias changed by when the route began, s². */
  readonly changeVariance: number;
}

/** A sample that its server's past does not explain. */
export interface Doubt {
  readonly sample: Sample;
  /** How far it lies from where it was expected, s. */
  readonly residualSeconds: number;
  /** Beyond even what half its round trip could explain. */
  readonly isHard: boolean;
}

/** What hearing a sample changed about the past. */
export type Hindsight = { readonly kind: "nothing" | "route changed" } | {
  readonly kind: "lower floor";
  readonly fallSeconds: number;
};

const NOTHING: Hindsight = { kind: "nothing" };

/** One server's path: its routes with their floors, its noise, and what is doubted of late. */
export class ServerPath {
  readonly source: string;
  readonly noise = new QueueingNoise();
  /** Newest samples in a row that its past does not explain. */
  readonly doubts: Doubt[] = [];
  /** The servers' agreement leaves it out. */
  isOutvoted = false;
  /** Its own bias is beyond what the others' allow. */
  isInconsistent = false;
  heardAtSeconds = -Infinity;
  /** When a sample of it last was as expected. */
  agreedAtSeconds = -Infinity;
  /** A residual beyond this would have been doubted then, s. */
  agreedLimitSeconds = Infinity;
  readonly #memory = new FloorMemory();
  readonly #watch = new RouteWatch();
  readonly #routes: Route[] = [];
  #present = 0;

  constructor(source: string) {
    this.source = source;
  }

  /** Whether it has no say in the offset. */
  get isExcluded(): boolean {
    return this.isOutvoted || this.isInconsistent;
  }

  /** The routes, oldest first; the last is the present one. */
  get routes(): readonly Route[] {
    return this.#routes;
  }

  /** Shortest round trip of the present route, s. */
  get floorSeconds(): number {
    return this.#routes.at(-1)?.floorSeconds ?? Infinity;
  }

  /** Knows a floor from before. */
  recall(atSeconds: number, floorSeconds: number): void {
    this.#memory.observe(atSeconds, floorSeconds);
    this.#setRoute({ sinceSeconds: -Infinity, floorSeconds, changeVariance: 0 });
  }

  /** Takes the round trip of a sample in. */
  hear({ atSeconds, delaySeconds }: Sample): Hindsight {
    const before = this.#memory.floorSeconds;
    this.heardAtSeconds = atSeconds;
    const change = this.#watch.observe({ atSeconds, delaySeconds }, before, this.noise.medianSeconds);
    this.#memory.observe(atSeconds, delaySeconds);
    if (change !== null) {
      const shift = change.floorSeconds - before;
      this.changeRoute(change.sinceSeconds, change.floorSeconds, (shift / 2) ** 2);
      return { kind: "route changed" };
    }
    const floorSeconds = this.#memory.floorSeconds;
    const present = this.#routes.at(-1);
    if (present === undefined) {
      this.#setRoute({ sinceSeconds: -Infinity, floorSeconds, changeVariance: 0 });
      return NOTHING;
    }
    this.#routes[this.#routes.length - 1] = { ...present, floorSeconds };
    return floorSeconds < present.floorSeconds
      ? { kind: "lower floor", fallSeconds: present.floorSeconds - floorSeconds }
      : NOTHING;
  }

  /** From `sinceSeconds` on the path was another one. */
  changeRoute(sinceSeconds: number, floorSeconds: number, changeVariance: number): void {
    this.#memory.restart(floorSeconds);
    this.#setRoute({ sinceSeconds, floorSeconds, changeVariance });
  }

  #setRoute(route: Route): void {
    this.#routes.push(route);
    if (this.#routes.length <= MAX_ROUTES) return;
    this.#routes.shift();
    this.#present = Math.max(0, this.#present - 1);
  }

  /** Goes back in time to before `atSeconds`, in order to live it again with what is known now. */
  rewind(atSeconds: number): void {
    this.noise.restart();
    this.#present = Math.max(0, this.#routes.findLastIndex(({ sinceSeconds }) => sinceSeconds < atSeconds));
  }

  /** Follows the routes to `atSeconds`: the one that has begun since the last call, if any. */
  routeBegunBy(atSeconds: number): Route | null {
    const next = this.#routes[this.#present + 1];
    if (next === undefined || next.sinceSeconds > atSeconds) return null;
    this.#present++;
    return next;
  }

  /** Prior variance of the bias on the route being lived, s²: what it was on the shortest one, and half the detour. */
  get biasVariance(): number {
    const shortest = Math.min(...this.#routes.map(({ floorSeconds }) => floorSeconds));
    const detour = (this.#routes[this.#present]?.floorSeconds ?? shortest) - shortest;
    return pathBiasVariance(shortest) + (detour / 2) ** 2;
  }

  /** How long a round trip queued on the route being lived, s. */
  excessSeconds(delaySeconds: number): number {
    return Math.max(0, delaySeconds - (this.#routes[this.#present]?.floorSeconds ?? delaySeconds));
  }
}
