/**
 * The kernel's clocks: reading them, sleeping until an instant, and what the kernel says of its own discipline.
 *
 * @module
 */
import { checked, Errno, LibcError } from "./errno.ts";
import { libc } from "./libc.ts";

/** Clock identities of `clock_gettime(2)`. */
export const Clock = {
  /** UTC as the system has it; steps and slews. */
  REALTIME: 0,
  /** Since boot, slewed, without suspend. */
  MONOTONIC: 1,
  /** The bare oscillator since boot: nobody steers it; without suspend. */
  MONOTONIC_RAW: 4,
  /** Since boot, slewed, with suspend. */
  BOOTTIME: 7,
} as const;

/** One of {@linkcode Clock}, or a dynamic clock's identity. */
export type ClockId = number;

const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/**
 * A `struct timespec` that the kernel writes into, for readers that must not allocate. `words` are its four
 * little-endian 32-bit halves: seconds low, seconds high, nanoseconds low, nanoseconds high (always 0).
 */
export class Timespec {
  readonly #fields = new BigInt64Array(2);
  readonly words: Uint32Array = new Uint32Array(this.#fields.buffer);
  // SAFETY: points into #fields, which lives as long as this object; only passed to C calls that return at once.
  readonly pointer: Deno.PointerObject = Deno.UnsafePointer.of(this.#fields)!;

  /** The instant as nanoseconds. */
  toNs(): bigint {
    return this.#fields[0]! * NANOSECONDS_PER_SECOND + this.#fields[1]!;
  }
}

let scratch: Timespec | undefined; // made at first use: importing must not ask for permissions

/** The reading of `clock` in ns. */
export function nowNs(clock: ClockId): bigint {
  scratch ??= new Timespec();
  checked(libc.clock_gettime(clock, scratch.pointer), `read clock ${clock}`);
  return scratch.toNs();
}

/** CLOCK_REALTIME and CLOCK_MONOTONIC_RAW at one instant, within `uncertaintyNs` of each other. */
export interface ClockPair {
  readonly realtimeNs: bigint;
  readonly rawNs: bigint;
  /** Half the time between the readings on both sides of the middle one. */
  readonly uncertaintyNs: number;
}

const PAIR_ATTEMPTS = 4;

/** Reads REALTIME between two readings of MONOTONIC_RAW, and keeps the tightest of a few attempts. */
export function readClockPair(): ClockPair {
  return readTogether(Clock.REALTIME, Clock.MONOTONIC_RAW);
}

function readTogether(inner: ClockId, outer: ClockId): ClockPair {
  let best: ClockPair | undefined;
  for (let attempt = 0; attempt < PAIR_ATTEMPTS; attempt++) {
    const before = nowNs(outer);
    const realtimeNs = nowNs(inner);
    const after = nowNs(outer);
    const uncertaintyNs = Number(after - before) / 2;
    if (best === undefined || uncertaintyNs < best.uncertaintyNs) {
      best = { realtimeNs, rawNs: before + (after - before) / 2n, uncertaintyNs };
    }
  }
  return best!;
}

const TIMER_ABSTIME = 1;
const MAX_INTERRUPTIONS = 1000;

/**
 * Blocks this thread until CLOCK_MONOTONIC reads `monotonicNs` (returns at once when it already does). For worker
 * threads: the event loop stands still meanwhile.
 */
export function sleepUntil(monotonicNs: bigint): void {
  const deadline = new BigInt64Array([
    monotonicNs / NANOSECONDS_PER_SECOND,
    monotonicNs % NANOSECONDS_PER_SECOND,
  ]);
  for (let interruptions = 0; interruptions < MAX_INTERRUPTIONS; interruptions++) {
    const error = libc.clock_nanosleep(Clock.MONOTONIC, TIMER_ABSTIME, deadline, null);
    if (error === 0) return;
    if (error !== Errno.EINTR) throw new LibcError("sleep with clock_nanosleep", error);
  }
}

const PR_SET_TIMERSLACK = 29;

/** Asks the kernel to wake this thread within `slackNs` of its deadlines; 0 restores its default, usually 50 µs. */
export function setTimerSlack(slackNs: number): void {
  checked(libc.prctl(PR_SET_TIMERSLACK, BigInt(slackNs), 0n, 0n, 0n), "set the timer slack");
}

/** What the kernel says of its clock's discipline, `adjtimex(2)` with no modes: read only. */
export interface KernelClock {
  /** False while nobody disciplines the clock (STA_UNSYNC). */
  readonly synchronized: boolean;
  /** The kernel's bound of its own error in s (grows by 500 ppm while nobody refreshes it). */
  readonly maxErrorSeconds: number;
  /** The discipline's estimate of its error in s. */
  readonly estimatedErrorSeconds: number;
  /** Frequency correction in force, s/s. */
  readonly frequency: number;
  /** A leap second announced for the end of this UTC day: +1 inserted, −1 deleted, 0 none. */
  readonly pendingLeap: -1 | 0 | 1;
  /** TAI − UTC in s, 0 when nobody set it. */
  readonly taiOffsetSeconds: number;
}

const TIMEX_BYTES = 208;
const TIMEX = { frequency: 16, maxError: 24, estimatedError: 32, status: 40, tai: 160 } as const;
const STA_INS = 0x0010;
const STA_DEL = 0x0020;
const STA_UNSYNC = 0x0040;
const TIME_ERROR = 5;
const MICROSECOND = 1e-6;
/** `timex.freq` is in ppm with 16 fractional bits. */
const FREQUENCY_UNIT = 1e-6 / 65536;

/** Reads the kernel's clock discipline; needs no privilege. */
export function readKernelClock(): KernelClock {
  const timex = new DataView(new ArrayBuffer(TIMEX_BYTES));
  const state = checked(libc.adjtimex(new Uint8Array(timex.buffer)), "read the kernel clock with adjtimex");
  const status = timex.getInt32(TIMEX.status, true);
  return {
    synchronized: (status & STA_UNSYNC) === 0 && state !== TIME_ERROR,
    maxErrorSeconds: Number(timex.getBigInt64(TIMEX.maxError, true)) * MICROSECOND,
    estimatedErrorSeconds: Number(timex.getBigInt64(TIMEX.estimatedError, true)) * MICROSECOND,
    frequency: Number(timex.getBigInt64(TIMEX.frequency, true)) * FREQUENCY_UNIT,
    pendingLeap: (status & STA_INS) !== 0 ? 1 : (status & STA_DEL) !== 0 ? -1 : 0,
    taiOffsetSeconds: timex.getInt32(TIMEX.tai, true),
  };
}
