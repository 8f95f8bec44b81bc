/**
 * The life of one server's address: when it is asked next, whether it is reachable, what it said. Pure: the time comes
 * in as an argument, the exchanges' outcomes are handed in.
 *
 * @module
 */
import type { SocketAddress } from "../../ffi/udp_socket.ts";
import type { AddressRecord } from "./address_book.ts";
import type { AddressScope } from "./address_scope.ts";
import type { Exchange } from "./measurement.ts";
import type { ExchangeOutcome } from "./ntp_exchange.ts";
import { pollGapSeconds, type PollSchedule, QUICK_POLLS, UNREACHABLE_POLLS } from "./poll_schedule.ts";

/** Nobody is made to wait longer by RATE kisses than this. */
const RATE_FLOOR_MAX_SECONDS = 1024;
/** Each wait is lengthened by up to this part of itself, so that clients do not fall into step. */
export const JITTER_FRACTION = 0.05;
/** The first question is held back by up to this long. */
const FIRST_POLL_SPREAD_SECONDS = 0.1;

/** Kiss codes that are counted by name; a server may send any four letters. */
const KNOWN_KISSES: readonly string[] = ["DENY", "RSTR", "RATE", "INIT", "STEP", "NTSN"];
const OTHER_KISS = "other";

/**
 * What an outcome means for the address: `found`: it answers, for the first time or again; `kept`: nothing new;
 * `unreachable`: another eight polls without a usable answer; `denied`: it must not be asked again.
 */
export type PollVerdict = "found" | "kept" | "unreachable" | "denied";

/** Who is asked. */
export interface ServerIdentity {
  /** `host|address:port`. */
  readonly source: string;
  readonly address: SocketAddress;
  readonly scope: AddressScope;
}

/** How often each thing happened, by name. */
export type Counts = Readonly<Record<string, number>>;

/** What can be said of one address; times are seconds of CLOCK_MONOTONIC_RAW. */
export interface ServerStatus extends ServerIdentity {
  /** The last eight polls, the latest in the lowest bit; 1 where a usable answer came. */
  readonly reach: number;
  readonly polls: number;
  readonly answers: number;
  readonly intervalSeconds: number;
  readonly nextPollAtRawSeconds: number;
  /** Packets that were no answer, useless outcomes, kisses: each by reason or code. */
  readonly ignored: Counts;
  readonly failures: Counts;
  readonly kisses: Counts;
  readonly lastExchange: Exchange | null;
}

const REACH_MASK = 0xff;

/** The state machine of one address: `begin`, an exchange, `finish`, and again at `nextPollAtRawSeconds`. */
export class NtpServer {
  readonly identity: ServerIdentity;
  /** May be exchanged for a new one at any time. */
  schedule: PollSchedule;
  readonly #record: AddressRecord;
  readonly #random: () => number;
  readonly #startRawSeconds: number;
  #reach = 0;
  #isFound = false;
  #quickPolls: number;
  #jitter: number;
  #polls = 0;
  #answers = 0;
  #lastExchange: Exchange | null = null;
  readonly #ignored = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  readonly #kisses = new Map<string, number>();

  /**
   * @param record what is remembered of the address; kept up to date
   * @param random uniform in [0, 1)
   */
  constructor(
    identity: ServerIdentity,
    schedule: PollSchedule,
    record: AddressRecord,
    nowRawSeconds: number,
    random: () => number,
  ) {
    this.identity = identity;
    this.schedule = schedule;
    this.#record = record;
    this.#random = random;
    this.#jitter = random();
    this.#startRawSeconds = nowRawSeconds + FIRST_POLL_SPREAD_SECONDS * this.#jitter;
    // One that was silent before gets no second quick start: it may be dead, and this its only address.
    this.#quickPolls = record.unanswered === 0 ? QUICK_POLLS : 0;
  }

  /** When to ask next. */
  get nextPollAtRawSeconds(): number {
    const gap = this.#gapSeconds(1 + JITTER_FRACTION * this.#jitter);
    return Math.max(this.#startRawSeconds, this.#record.askedAtRawSeconds + gap);
  }

  /** False before the first usable answer, and again after eight polls without one. */
  get isFound(): boolean {
    return this.#isFound;
  }

  /** A question is about to be sent. */
  begin(nowRawSeconds: number): void {
    this.#reach = this.#reach << 1 & REACH_MASK;
    this.#polls++;
    this.#quickPolls = Math.max(0, this.#quickPolls - 1);
    this.#record.askedAtRawSeconds = nowRawSeconds;
    this.#jitter = this.#random();
  }

  /** The question that `begin` announced has ended. */
  finish(outcome: ExchangeOutcome): PollVerdict {
    for (const [reason, count] of outcome.ignored) increase(this.#ignored, reason, count);
    switch (outcome.kind) {
      case "measured":
        return this.#measured(outcome.exchange);
      case "kiss":
        return this.#kissed(outcome.code);
      case "failed":
        increase(this.#failures, outcome.reason);
        return this.#unanswered();
    }
  }

  /** Asks some times in quick succession, as far as manners allow. */
  burst(): void {
    this.#quickPolls = QUICK_POLLS;
  }

  /** A snapshot. */
  status(): ServerStatus {
    return {
      ...this.identity,
      reach: this.#reach,
      polls: this.#polls,
      answers: this.#answers,
      intervalSeconds: this.#gapSeconds(),
      nextPollAtRawSeconds: this.nextPollAtRawSeconds,
      ignored: Object.fromEntries(this.#ignored),
      failures: Object.fromEntries(this.#failures),
      kisses: Object.fromEntries(this.#kisses),
      lastExchange: this.#lastExchange,
    };
  }

  #measured(exchange: Exchange): PollVerdict {
    const wasFound = this.#isFound;
    this.#isFound = true;
    this.#reach |= 1;
    this.#answers++;
    this.#record.unanswered = 0;
    this.#lastExchange = exchange;
    return wasFound ? "kept" : "found";
  }

  /** RFC 5905 §7.4: DENY and RSTR end the association, every RATE slows it down, other codes are only noted. */
  #kissed(code: string): PollVerdict {
    increase(this.#kisses, KNOWN_KISSES.includes(code) ? code : OTHER_KISS);
    if (code === "DENY" || code === "RSTR") {
      this.#record.isDenied = true;
      this.#isFound = false;
      return "denied";
    }
    if (code === "RATE") {
      this.#record.rateFloorSeconds = Math.min(RATE_FLOOR_MAX_SECONDS, 2 * this.#gapSeconds());
    }
    return this.#unanswered();
  }

  #unanswered(): PollVerdict {
    this.#record.unanswered++;
    if (this.#record.unanswered % UNREACHABLE_POLLS !== 0) return "kept";
    this.#isFound = false;
    return "unreachable";
  }

  #gapSeconds(stretch = 1): number {
    return pollGapSeconds(this.schedule, {
      scope: this.identity.scope,
      askedAtRawSeconds: this.#record.askedAtRawSeconds,
      quickPolls: this.#quickPolls,
      unanswered: this.#record.unanswered,
      rateFloorSeconds: this.#record.rateFloorSeconds,
      stretch,
    });
  }
}

function increase(counts: Map<string, number>, name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
