/**
 * What is remembered of the way to one server: its routes with their floors, and its noise.
 *
 * @module
 */
import { FloorMemory } from "./floor_memory.ts";
import { pathBiasVariance, serverErrorVariance } from "./bias_prior.ts";
import type { BiasBelief } from "./heavy_tails.ts";
import type { BiasPrior } from "./observation.ts";
import { QueueingNoise } from "./queueing_noise.ts";
import { RouteWatch } from "./route_watch.ts";
import type { Sample } from "./sample.ts";

/** Routes remembered of one server, the present one included. */
const MAX_ROUTES = 8;

/**
 * How long a server's own error lasts, s. Asymmetry lasts for as long as the route: a bias that is mostly asymmetry lives
 * longer, so that it wanders no more in an hour than the server's part alone would.
 */
const SERVER_ERROR_LIFETIME_SECONDS = 86_400;
/** For how long a server that once jumped is held to be off by that much, s. */
const JUMP_LIFETIME_SECONDS = 21_600;
/** For how long it has no say, s: who drifts away jumps again before. */
const PROBATION_SECONDS = 600;

/** A stretch of time in which the path stayed the same. */
interface Route {
  readonly sinceSeconds: number;
  /** Shortest round trip, s, as far as known. */
  readonly floorSeconds: number;
  /** Variance of what the bias changed by when the route began, s². */
  readonly changeVariance: number;
  /** What of it round trips do not show, s². */
  readonly jumpVariance: number;
}

/** What hearing a sample told of the past. */
export type Hindsight = { readonly kind: "nothing" | "route changed" } | {
  readonly kind: "lower floor";
  readonly fallSeconds: number;
};

const NOTHING: Hindsight = { kind: "nothing" };

/**
 * One server's path. It lives twice: `hear` follows the present; `rewind` and `enterRouteOf` go through the past once
 * more, with what is known now.
 */
export class ServerPath {
  readonly source: string;
  readonly noise = new QueueingNoise();
  #mutedUntilSeconds = -Infinity;
  readonly #memory = new FloorMemory();
  readonly #watch = new RouteWatch();
  readonly #routes: Route[] = [];
  #lived = 0;
  /** Its bias as it was when the first route lived ended: the one that a prior is known of. */
  settledBias: BiasBelief | null = null;
  /** Whether no sample was lived yet. */
  isFresh = true;
  /** Whether the last sample lived had no say. */
  wasIsolated = false;
  #heardAtSeconds: number;
  #rootDistanceSeconds: number;

  /** A path of which a first round trip, or an earlier floor, is known. */
  constructor(source: string, atSeconds: number, floorSeconds: number, rootDistanceSeconds: number) {
    this.source = source;
    this.#rootDistanceSeconds = rootDistanceSeconds;
    this.#heardAtSeconds = atSeconds;
    this.#memory.observe(atSeconds, floorSeconds);
    this.#begin({ sinceSeconds: -Infinity, floorSeconds, changeVariance: 0, jumpVariance: 0 });
  }

  /** Whether it has no say in the offset now. */
  get isExcluded(): boolean {
    return this.isMuted || this.isOnProbation(this.#heardAtSeconds);
  }

  /** Whether the others rule out what it says now. */
  get isMuted(): boolean {
    return this.#mutedUntilSeconds === Infinity;
  }

  /** The others rule out what it says: nothing counts that it said, until it is let in. */
  mute(): void {
    this.#mutedUntilSeconds = Infinity;
  }

  /** What it says after `atSeconds` counts again; what it said before does not. */
  letIn(atSeconds: number): void {
    this.#mutedUntilSeconds = atSeconds;
  }

  /** Whether what it said at `atSeconds` has no part in the offset. */
  isMutedAt(atSeconds: number): boolean {
    return atSeconds <= this.#mutedUntilSeconds || this.isOnProbation(atSeconds);
  }

  /** Whether its server had jumped a little while before `atSeconds`. */
  isOnProbation(atSeconds: number): boolean {
    const { sinceSeconds, jumpVariance } = this.#routes[this.#lived]!;
    return jumpVariance > 0 && atSeconds - sinceSeconds < PROBATION_SECONDS;
  }

  /** When it was last heard of, s. */
  get heardAtSeconds(): number {
    return this.#heardAtSeconds;
  }

  /** Shortest round trip of the present route, s. */
  get floorSeconds(): number {
    return this.#present.floorSeconds;
  }

  get #present(): Route {
    return this.#routes.at(-1)!;
  }

  /** Takes the round trip of a sample in. */
  hear({ atSeconds, delaySeconds, rootDistanceSeconds }: Sample): Hindsight {
    this.#heardAtSeconds = atSeconds;
    this.#rootDistanceSeconds = Math.min(this.#rootDistanceSeconds, rootDistanceSeconds);
    const before = this.#memory.floorSeconds;
    const change = this.#watch.observe({ atSeconds, delaySeconds }, before, this.noise.medianSeconds);
    if (change !== null) {
      this.#memory.restart(change.floorSeconds);
      const changeVariance = ((change.floorSeconds - before) / 2) ** 2;
      this.#begin({ ...this.#present, ...change, changeVariance });
      return { kind: "route changed" };
    }
    this.#memory.observe(atSeconds, delaySeconds);
    const fallSeconds = this.#present.floorSeconds - this.#memory.floorSeconds;
    this.#routes[this.#routes.length - 1] = { ...this.#present, floorSeconds: this.#memory.floorSeconds };
    return fallSeconds > 0 ? { kind: "lower floor", fallSeconds } : NOTHING;
  }

  /**
   * From `sinceSeconds` on the server's offsets lie elsewhere by about `jumpSeconds`; its round trips do not. Such a
   * server was not to be believed before either.
   */
  jump(sinceSeconds: number, jumpSeconds: number): void {
    this.#mutedUntilSeconds = Math.max(this.#mutedUntilSeconds, sinceSeconds);
    const jumpVariance = this.#jumpVariance(this.#present) + jumpSeconds ** 2;
    this.#begin({ ...this.#present, sinceSeconds, changeVariance: jumpSeconds ** 2, jumpVariance });
  }

  #begin(route: Route): void {
    this.#routes.push(route);
    if (this.#routes.length <= MAX_ROUTES) return;
    this.#routes.shift();
    this.#lived = Math.max(0, this.#lived - 1);
  }

  #jumpVariance({ sinceSeconds, jumpVariance }: Route): number {
    return jumpVariance === 0
      ? 0
      : jumpVariance * Math.exp((sinceSeconds - this.#heardAtSeconds) / JUMP_LIFETIME_SECONDS);
  }

  /** Goes back to before `atSeconds`: what was learned is forgotten, routes and floors stay known. */
  rewind(atSeconds: number): void {
    this.noise.restart();
    this.wasIsolated = false;
    this.isFresh = true;
    this.settledBias = null;
    this.#lived = Math.max(0, this.#routes.findLastIndex(({ sinceSeconds }) => sinceSeconds < atSeconds));
  }

  /** Whether another route begins by `atSeconds` than the one being lived. */
  changesRouteBy(atSeconds: number): boolean {
    return (this.#routes[this.#lived + 1]?.sinceSeconds ?? Infinity) <= atSeconds;
  }

  /** Follows the routes to `atSeconds`; the variance of what the bias changed by on the way, s². */
  enterRouteOf(atSeconds: number): number {
    let changeVariance = 0;
    for (let next = this.#lived + 1; next < this.#routes.length; next++) {
      const route = this.#routes[next]!;
      if (route.sinceSeconds > atSeconds) break;
      changeVariance += route.changeVariance;
      this.#lived = next;
    }
    return changeVariance;
  }

  /** What is known of the bias on the route being lived: what it was on the shortest one, half the detour, and jumps. */
  get biasPrior(): BiasPrior {
    const route = this.#routes[this.#lived]!;
    const shortest = Math.min(...this.#routes.map(({ floorSeconds }) => floorSeconds));
    const variance = pathBiasVariance(shortest, this.#rootDistanceSeconds) +
      ((route.floorSeconds - shortest) / 2) ** 2 +
      this.#jumpVariance(route);
    const lifetimeSeconds = SERVER_ERROR_LIFETIME_SECONDS * variance /
      serverErrorVariance(shortest, this.#rootDistanceSeconds);
    return { variance, lifetimeSeconds };
  }

  /** How long a round trip queued on the route being lived, s. */
  excessSeconds(delaySeconds: number): number {
    return Math.max(0, delaySeconds - this.#routes[this.#lived]!.floorSeconds);
  }
}
