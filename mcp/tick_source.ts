/**
 * Where this machine's ticks come from. It is opened when the first one is asked for: who wants the time alone need not
 * have a counter.
 *
 * @module
 */
import type { ClientOptions } from "../mod.ts";
import {
  openAuthority,
  PhiGenerator,
  phiToJson,
  type TickAuthority,
  TickError,
  UtcClock,
} from "../ticks/mod.ts";
import { Refusal } from "./refusal.ts";

/** A tick, and whose it is. */
export interface SourcedTick {
  readonly tick: bigint;
  /** The authority's name. */
  readonly authority: string;
}

/** Hands out ticks and stamps of one authority. What it refuses, it refuses with the authority's own sentence. */
export class TickSource implements AsyncDisposable {
  readonly #address: string | undefined;
  readonly #clock: UtcClock;
  #authority: Promise<TickAuthority> | null = null;

  /** `address` is a tick authority's; the environment says which unless given. Stamps carry the time of `clock`. */
  constructor(address: string | undefined, clock: ClientOptions) {
    this.#address = address;
    this.#clock = new UtcClock(clock);
  }

  /** The highest tick that was handed out. */
  current(): Promise<SourcedTick> {
    return this.#ask(async (authority) => ({ tick: await authority.current(), authority: authority.name }));
  }

  /** Uses the next tick. */
  next(): Promise<SourcedTick> {
    return this.#ask(async (authority) => ({ tick: await authority.next(), authority: authority.name }));
  }

  /** Uses the next tick for a stamp of `agent`; as JSON. */
  stamp(agent: string): Promise<string> {
    return this.#ask(async (authority) => {
      using generator = new PhiGenerator(authority, agent, this.#clock);
      return phiToJson(await generator.next());
    });
  }

  /** Gives back what is reserved, and closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#clock[Symbol.dispose]();
    const authority = await this.#authority?.catch(() => null);
    await authority?.[Symbol.asyncDispose]();
  }

  async #ask<Result>(question: (authority: TickAuthority) => Promise<Result>): Promise<Result> {
    try {
      return await question(await (this.#authority ??= this.#open()));
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw environmentRefusal();
      if (error instanceof TickError) throw new Refusal(error.message);
      throw error;
    }
  }

  /** One that could not be opened is tried anew at the next question: it may have been made by then. */
  async #open(): Promise<TickAuthority> {
    try {
      return await openAuthority({ authority: this.#address }, Deno.env);
    } catch (error) {
      this.#authority = null;
      throw error;
    }
  }
}

function environmentRefusal(): Refusal {
  return new Refusal(
    "Cannot find the tick counter: this server may not look for it. Start it with --tick-authority file:/folder, or as deno task mcp does.",
  );
}
