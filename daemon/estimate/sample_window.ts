/**
 * The recent past: what the last samples of each server were, in bounded memory.
 *
 * @module
 */
import type { Sample } from "./sample.ts";

/** Samples kept of one server. */
export const SAMPLES_PER_SERVER = 128;
/** Servers kept; the one that has been silent for longest makes room for a new one. */
export const MAX_SERVERS = 16;
/** A server silent for this long is forgotten as soon as another one speaks, s. */
const SERVER_FORGOTTEN_SECONDS = 1024;
/** Samples in a row that contradict a server's past before that past is given up. */
export const MAX_DOUBTED = 4;

/** One server's recent samples: those that fit together, and the newest ones as long as they contradict those. */
export class ServerHistory {
  readonly source: string;
  readonly #trusted: Sample[] = [];
  readonly #doubted: Sample[] = [];

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

  /** Takes in a sample that agrees with the past: doubtful ones before it were outliers. */
  trust(sample: Sample): void {
    this.#doubted.length = 0;
    const after = this.#trusted.findLastIndex(({ atSeconds }) => atSeconds <= sample.atSeconds);
    this.#trusted.splice(after + 1, 0, sample);
    if (this.#trusted.length > SAMPLES_PER_SERVER) this.#trusted.shift();
  }

  /** Takes in a sample that contradicts the past. */
  doubt(sample: Sample): void {
    this.#doubted.push(sample);
    if (this.#doubted.length > MAX_DOUBTED) this.#doubted.shift();
  }

  /** The doubted samples were right: forgets everything before `atSeconds` and trusts them. */
  restartFrom(atSeconds: number): void {
    const since = [...this.#trusted, ...this.#doubted].filter((sample) => sample.atSeconds >= atSeconds);
    this.#doubted.length = 0;
    this.#trusted.splice(0, Infinity, ...since.slice(-SAMPLES_PER_SERVER));
  }
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
