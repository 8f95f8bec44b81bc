/**
 * The recent past: what the last samples of each server were, in bounded memory.
 *
 * @module
 */
import type { Sample } from "./sample.ts";

/** Samples kept of one server. */
export const SAMPLES_PER_SERVER = 64;
/** Servers kept; the one that has been silent for longest makes room for a new one. */
export const MAX_SERVERS = 16;
/** A server silent for this long is forgotten as soon as another one speaks, s. */
export const SERVER_FORGOTTEN_SECONDS = 1024;
/** Samples in a row that contradict a server's past before that past is given up. */
export const MAX_DOUBTED = 4;

/** How a server's path has behaved. */
export interface PathProfile {
  /** Shortest round trip in the window, s. */
  readonly floorSeconds: number;
  /** Typical round trip above the floor, s. */
  readonly typicalExcessSeconds: number;
  /** Samples that this is drawn from. */
  readonly count: number;
}

/** Nothing being known of a path, its jitter is taken for half its round trip, with the weight of two samples. */
const PRIOR_EXCESS_SHARE = 0.5;
const PRIOR_EXCESS_WEIGHT = 2;

/** One server's recent samples: those that fit together, and the newest ones as long as they contradict those. */
export class ServerHistory {
  readonly source: string;
  readonly #trusted: Sample[] = [];
  readonly #doubted: Sample[] = [];
  #profile: PathProfile | null = null;

  constructor(source: string) {
    this.source = source;
  }

  /** Samples that fit together, in order of time. */
  get trusted(): readonly Sample[] {
    return this.#trusted;
  }

  /** Newest samples in a row that contradict the trusted ones; empty in quiet times. */
  get doubted(): readonly Sample[] {
    return this.#doubted;
  }

  /** What the server says now: the doubted samples when there are any, for they are its latest word. */
  get latestWord(): readonly Sample[] {
    return this.#doubted.length > 0 ? this.#doubted : this.#trusted;
  }

  /** When the newest sample was taken; −∞ without any. */
  get newestAtSeconds(): number {
    return this.latestWord.at(-1)?.atSeconds ?? -Infinity;
  }

  /** Takes in a sample that agrees with the past: doubts about those before it were outliers. */
  trust(sample: Sample): void {
    this.#doubted.length = 0;
    const after = this.#trusted.findLastIndex(({ atSeconds }) => atSeconds <= sample.atSeconds);
    this.#trusted.splice(after + 1, 0, sample);
    if (this.#trusted.length > SAMPLES_PER_SERVER) this.#trusted.shift();
    this.#profile = null;
  }

  /** Takes in a sample that contradicts the past. */
  doubt(sample: Sample): void {
    this.#doubted.push(sample);
    if (this.#doubted.length > MAX_DOUBTED) this.#doubted.shift();
  }

  /** The doubted samples were right: forgets everything before `atSeconds` and trusts them. */
  restartFrom(atSeconds: number): void {
    const newest = [...this.#trusted, ...this.#doubted].filter((sample) => sample.atSeconds >= atSeconds);
    this.#doubted.length = 0;
    this.#trusted.splice(0, Infinity, ...newest.slice(-SAMPLES_PER_SERVER));
    this.#profile = null;
  }

  /** How the path behaves, from the trusted samples (of which there must be some). */
  get profile(): PathProfile {
    return this.#profile ??= profileOf(this.#trusted);
  }
}

function profileOf(samples: readonly Sample[]): PathProfile {
  const delays = Float64Array.from(samples, ({ delaySeconds }) => delaySeconds).sort();
  const floorSeconds = delays[0] ?? 0;
  const medianExcess = (delays[delays.length >> 1] ?? 0) - floorSeconds;
  const typicalExcessSeconds =
    (delays.length * medianExcess + PRIOR_EXCESS_WEIGHT * PRIOR_EXCESS_SHARE * floorSeconds) /
    (delays.length + PRIOR_EXCESS_WEIGHT);
  return { floorSeconds, typicalExcessSeconds, count: delays.length };
}

/** The recent samples of all servers. */
export class SampleWindow {
  readonly #servers = new Map<string, ServerHistory>();

  /** Every server that something is known of. */
  get servers(): Iterable<ServerHistory> {
    return this.#servers.values();
  }

  /** The server's history, or nothing when it is unknown. */
  find(source: string): ServerHistory | undefined {
    return this.#servers.get(source);
  }

  /** The history of the server that speaks at `atSeconds`; makes room for it, and forgets those long silent. */
  hear(source: string, atSeconds: number): ServerHistory {
    for (const server of this.#servers.values()) {
      if (server.source !== source && atSeconds - server.newestAtSeconds > SERVER_FORGOTTEN_SECONDS) {
        this.#servers.delete(server.source);
      }
    }
    const known = this.#servers.get(source);
    if (known !== undefined) return known;
    if (this.#servers.size >= MAX_SERVERS) this.#servers.delete(this.#longestSilent());
    const server = new ServerHistory(source);
    this.#servers.set(source, server);
    return server;
  }

  /** The clock changed at `atSeconds`: forgets what was measured before it. */
  restartFrom(atSeconds: number): void {
    for (const server of this.#servers.values()) {
      server.restartFrom(atSeconds);
      if (server.trusted.length === 0) this.#servers.delete(server.source);
    }
  }

  #longestSilent(): string {
    return [...this.#servers.values()].reduce((a, b) => a.newestAtSeconds <= b.newestAtSeconds ? a : b)
      .source;
  }
}
