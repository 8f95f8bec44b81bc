/**
 * Phi timestamps: `2025-10-19T21:28:24.472823544Z::CLAUDE-A::TICK-0000000003`. The tick says in what order, the time
 * about when, the agent who.
 *
 * @module
 */
import { fromNs, toIsoString } from "../mod.ts";
import { checkAgentId, quoted } from "./agent_id.ts";
import { TickError } from "./errors.ts";

/** What a Phi timestamp says. */
export interface PhiTimestamp {
  /** Unix time in ns, from 0 to {@linkcode MAX_UTC_NS}. */
  readonly utcNs: bigint;
  /** 1 to 64 letters, digits, ".", "_", "-". */
  readonly agent: string;
  /** u64; 0 only for "before the first tick". */
  readonly tick: bigint;
}

/** The last time that a stamp can carry: an i64 of nanoseconds, in the year 2262. */
export const MAX_UTC_NS: bigint = 2n ** 63n - 1n;
const MAX_U64 = 2n ** 64n - 1n;
const TICK_DIGITS = 10;
const PARTS = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z::([^:]*)::TICK-(\d{10}|[1-9]\d{10,19})$/;

/**
 * As text: nine digits of a second, the tick padded to ten digits and longer where it needs to be.
 *
 * @throws {TickError} `PHI_TIMESTAMP` or `AGENT_ID`: a part is out of range
 */
export function formatPhi({ utcNs, agent, tick }: PhiTimestamp): string {
  checkAgentId(agent);
  checkRange("time", utcNs, MAX_UTC_NS);
  checkRange("tick", tick, MAX_U64);
  return `${formatUtc(utcNs)}::${agent}::TICK-${String(tick).padStart(TICK_DIGITS, "0")}`;
}

/** `2025-10-19T21:28:24.472823544Z` of Unix ns. */
export function formatUtc(utcNs: bigint): string {
  return toIsoString(fromNs(utcNs));
}

/**
 * The parts of a text that {@linkcode formatPhi} could have made; any other is refused.
 *
 * @throws {TickError} `PHI_TIMESTAMP` or `AGENT_ID`: it is no such text
 */
export function parsePhi(text: string): PhiTimestamp {
  const match = PARTS.exec(text);
  if (match === null) throw notPhi(text, "it does not look like TIME::AGENT::TICK-0000000001");
  const [, dateTime, nanoseconds, agent, tick] = match as unknown as [string, string, string, string, string];
  const milliseconds = Date.parse(`${dateTime}Z`);
  const utcNs = Number.isNaN(milliseconds) ? -1n : BigInt(milliseconds) * 1_000_000n + BigInt(nanoseconds);
  if (utcNs < 0n || utcNs > MAX_UTC_NS) {
    throw notPhi(text, "its time does not exist, or lies outside 1970 to 2262");
  }
  const parsed = { utcNs, agent: checkAgentId(agent), tick: BigInt(tick) };
  if (parsed.tick > MAX_U64) throw notPhi(text, "its tick is no u64");
  // Date.parse() lets the 30th of February pass as the 2nd of March.
  if (formatUtc(utcNs).slice(0, dateTime.length) !== dateTime) throw notPhi(text, "its date does not exist");
  return parsed;
}

/** Negative when `a` comes before `b`, 0 for the same tick, positive when after. Times and agents decide nothing. */
export function comparePhi(a: { readonly tick: bigint }, b: { readonly tick: bigint }): -1 | 0 | 1 {
  return a.tick < b.tick ? -1 : a.tick > b.tick ? 1 : 0;
}

function checkRange(what: string, value: bigint, max: bigint): void {
  if (value >= 0n && value <= max) return;
  throw new TickError(
    "PHI_TIMESTAMP",
    `Cannot make a Phi timestamp: the ${what} ${value} is not from 0 to ${max}.`,
  );
}

function notPhi(text: string, why: string): TickError {
  return new TickError("PHI_TIMESTAMP", `Cannot read ${quoted(text)} as a Phi timestamp: ${why}.`);
}
