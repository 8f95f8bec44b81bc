/**
 * One trace of a scenario: a machine, its servers and the network between them, in virtual time.
 *
 * Time is counted in seconds of the machine's CLOCK_MONOTONIC_RAW since the base. Nothing here reads a clock: whoever
 * drives the world says what time it is, and must not ask a server backwards in time.
 *
 * @module
 */
import type { KernelClock } from "../../ffi/clocks.ts";
import { type TimeBase, utcNsAt } from "../../daemon/estimate/time_base.ts";
import type { ClockReadings } from "../../daemon/publish/steering.ts";
import type { ExchangeOutcome } from "../../daemon/sources/ntp_exchange.ts";
import { Random } from "../random.ts";
import { type Burst, drawBursts } from "./congestion.ts";
import { type Detour, drawDetours } from "./detour.ts";
import { drawMachineEvents, type MachineEvent } from "./machine.ts";
import { drawOscillator } from "./oscillator.ts";
import { rawNsAt, toNs } from "./raw_time.ts";
import { drawRoundTrip, type RoundTrip } from "./round_trip.ts";
import type { Scenario } from "./scenario.ts";
import { drawServers, type Refusal, type ServerCharacter } from "./server.ts";
import { drawPaths, type ServerPath } from "./server_path.ts";
import { drawSteering, SystemClocks } from "./system_clocks.ts";
import { TrueTime } from "./true_time.ts";

/** How long an answer is waited for. */
export const TIMEOUT_SECONDS = 2;
/** The truth is known this long beyond the end, for predictions made there. */
export const AFTERMATH_SECONDS = 120;

const BASE: TimeBase = { rawNs: 1_000_000_000_000n, utcNs: 1_700_000_000_000_000_000n };
/** How wrong CLOCK_REALTIME is at the base, s, 1 sd. */
const INITIAL_ERROR_SECONDS = 0.01;
/** From a question's arrival to its answer's departure, s. */
const PROCESSING_SECONDS = 20e-6;
const STRATUM = 2;
const PRECISION_SECONDS = 2 ** -23;
/** Branches draw from seeds that no trace has. */
const BRANCH_SHIFT = 48n;

/** How a question ended, and when. */
export interface Answer {
  readonly outcome: ExchangeOutcome;
  /** Raw s. */
  readonly endSeconds: number;
}

interface Server extends ServerCharacter, ServerPath {
  readonly source: string;
  readonly random: Random;
  /** What `random` is exchanged for when a clone of the machine starts. */
  readonly branchRandom: Random;
  readonly leastGapSeconds: number;
  askedAtSeconds: number;
}

/** Equal scenarios, seeds and branches give equal worlds, whatever becomes of the clients in them. */
export class World {
  readonly base: TimeBase = BASE;
  readonly durationSeconds: number;
  readonly truth: TrueTime;
  readonly clocks: SystemClocks;
  /** What happens to the machine, in order of time. */
  readonly events: readonly MachineEvent[];
  readonly #scenario: Scenario;
  readonly #sensor: Float64Array | null;
  readonly #bursts: readonly Burst[];
  readonly #detours: readonly Detour[];
  readonly #servers: readonly Server[];
  readonly #forkedAtSeconds: number;

  /** `branch` tells the clones of a forked machine apart: 0, 1, 2 … */
  constructor(scenario: Scenario, seed: number, branch = 0) {
    const seconds = Math.ceil(scenario.durationSeconds) + AFTERMATH_SECONDS;
    const random = new Random(seed);
    const branchRandom = new Random(BigInt(seed) + (BigInt(branch + 1) << BRANCH_SHIFT));
    const oscillator = drawOscillator(scenario.oscillator, seconds, random.fork());
    this.events = drawMachineEvents(scenario.machine ?? [], random.fork(), branchRandom.fork());
    this.durationSeconds = scenario.durationSeconds;
    this.truth = new TrueTime(INITIAL_ERROR_SECONDS * random.normal(), oscillator.frequency, this.events);
    this.clocks = new SystemClocks(
      this.base,
      drawSteering(scenario.steering ?? null, seconds, random.fork()),
      this.events,
    );
    this.#scenario = scenario;
    this.#sensor = oscillator.sensor;
    this.#bursts = drawBursts(scenario.network.congestion, seconds, random.fork());
    this.#detours = drawDetours(scenario.routes ?? [], random.fork());
    this.#servers = drawAllServers(scenario, seconds, random.fork(), branchRandom.fork());
    this.#forkedAtSeconds = this.events.find(({ kind }) => kind === "fork")?.atSeconds ?? Infinity;
  }

  /** Identities of the servers, the nearest first. */
  get sources(): readonly string[] {
    return this.#servers.map(({ source }) => source);
  }

  /** Whether fewer servers lie than it takes to overrule the others. */
  get hasHonestMajority(): boolean {
    const liars = this.#servers.filter(({ isLiar }) => isLiar).length;
    return liars <= Math.floor((this.#servers.length - 1) / 2);
  }

  /** The shortest round trip to any server, s. */
  get floorSeconds(): number {
    return Math.min(...this.#servers.map(({ floorSeconds }) => floorSeconds));
  }

  /** All clocks of the machine at a raw instant. */
  clocksAt(rawSeconds: number): ClockReadings {
    return this.clocks.readingsAt(rawSeconds);
  }

  /** What its kernel says of its clock: a daemon that steers it vouches for it, nobody else does. */
  get kernel(): KernelClock {
    return this.#scenario.steering === undefined ? UNSYNCHRONIZED : STEERED;
  }

  /** Whether the hypervisor tells of what it does to the machine. */
  get hasVmClock(): boolean {
    return this.#scenario.hasVmClock ?? false;
  }

  /** What the temperature sensor reads, °C; null where there is none. */
  temperatureAt(rawSeconds: number): number | null {
    const last = (this.#sensor?.length ?? 1) - 1;
    return this.#sensor?.[Math.min(last, Math.max(0, Math.floor(rawSeconds)))] ?? null;
  }

  /** What a server's offsets are off when nothing queues, which nobody can see, s: half the asymmetry of its way, and its own error. */
  pathBiasAt(index: number, rawSeconds: number): number {
    const server = this.#servers[index];
    if (server === undefined) throw new RangeError(`Cannot tell of server ${index}: there is none.`);
    const detour = this.#detourOf(index, rawSeconds);
    const outbound = server.outbound.delaySeconds + (detour?.outboundSeconds ?? 0);
    const inbound = server.inbound.delaySeconds + (detour?.inboundSeconds ?? 0);
    return (outbound - inbound) / 2 + server.errorAt(rawSeconds);
  }

  /** Asks a server, counted from the nearest, at a raw instant. */
  ask(index: number, atSeconds: number): Answer {
    const server = this.#servers[index];
    if (server === undefined) throw new RangeError(`Cannot ask server ${index}: there is none.`);
    const isTooSoon = atSeconds - server.askedAtSeconds < server.leastGapSeconds;
    server.askedAtSeconds = atSeconds;
    const trip = this.#roundTrip(index, server, atSeconds);
    const manner = this.#refusal(index, atSeconds)?.manner ?? (isTooSoon ? "RATE" : null);
    const lost = failed("timeout", atSeconds + TIMEOUT_SECONDS);
    if (trip === null || manner === "silent") return lost;
    const totalSeconds = trip.outboundSeconds + PROCESSING_SECONDS + trip.inboundSeconds;
    if (totalSeconds > TIMEOUT_SECONDS) return lost;
    const endSeconds = this.truth.rawAfter(atSeconds, totalSeconds);
    if (this.#sleptBetween(atSeconds, endSeconds)) return failed("suspended", endSeconds);
    if (manner !== null) return { outcome: { kind: "kiss", code: manner, ignored: NONE }, endSeconds };
    return this.#measured(server, atSeconds, trip, endSeconds);
  }

  #detourOf(index: number, atSeconds: number): Detour | undefined {
    return this.#detours.find((detour) => detour.server === index && isUnderWay(detour, atSeconds));
  }

  #roundTrip(index: number, server: Server, atSeconds: number): RoundTrip | null {
    const random = atSeconds < this.#forkedAtSeconds ? server.random : server.branchRandom;
    return drawRoundTrip(
      server,
      this.#bursts.find((burst) => isUnderWay(burst, atSeconds)),
      this.#detourOf(index, atSeconds),
      random,
    );
  }

  #refusal(index: number, atSeconds: number): Refusal | undefined {
    return this.#scenario.refusals?.find(({ servers, fromSeconds, untilSeconds }) =>
      (servers?.includes(index) ?? true) && fromSeconds <= atSeconds && atSeconds < untilSeconds
    );
  }

  #sleptBetween(fromSeconds: number, toSeconds: number): boolean {
    return this.events.some(({ isNoticed, atSeconds }) =>
      isNoticed && fromSeconds < atSeconds && atSeconds <= toSeconds
    );
  }

  #measured(server: Server, atSeconds: number, trip: RoundTrip, endSeconds: number): Answer {
    const t1RawNs = rawNsAt(this.base, atSeconds);
    const ahead = this.truth.offsetAt(atSeconds) + trip.outboundSeconds + server.errorAt(atSeconds);
    const t2UtcNs = utcNsAt(this.base, t1RawNs, ahead);
    const exchange = {
      source: server.source,
      t1RawNs,
      t2UtcNs,
      t3UtcNs: t2UtcNs + toNs(PROCESSING_SECONDS),
      t4RawNs: rawNsAt(this.base, endSeconds),
      stratum: STRATUM,
      leap: 0 as const,
      rootDelaySeconds: server.rootDelaySeconds,
      rootDispersionSeconds: server.rootDispersionSeconds,
      precisionSeconds: PRECISION_SECONDS,
    };
    return { outcome: { kind: "measured", exchange, ignored: NONE }, endSeconds };
  }
}

interface Span {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

function isUnderWay({ fromSeconds, untilSeconds }: Span, atSeconds: number): boolean {
  return fromSeconds <= atSeconds && atSeconds < untilSeconds;
}

const NONE = new Map<never, never>();

/** What Linux says when no daemon ever told it anything. */
const UNSYNCHRONIZED: KernelClock = {
  synchronized: false,
  maxErrorSeconds: 16,
  estimatedErrorSeconds: 16,
  frequency: 0,
  pendingLeap: 0,
  taiOffsetSeconds: 0,
};
const STEERED: KernelClock = {
  ...UNSYNCHRONIZED,
  synchronized: true,
  maxErrorSeconds: 1,
  estimatedErrorSeconds: 0.1,
};

function failed(reason: "timeout" | "suspended", endSeconds: number): Answer {
  return { outcome: { kind: "failed", reason, detail: null, ignored: NONE }, endSeconds };
}

function drawAllServers(scenario: Scenario, seconds: number, random: Random, branchRandom: Random): Server[] {
  const { network, server, serverCount, liars = [], rateLimits = [] } = scenario;
  const paths = drawPaths(network, serverCount, random.fork());
  const characters = drawServers(server, liars, serverCount, seconds, random.fork());
  return characters.map((character, index) => ({
    ...character,
    ...paths[index]!,
    // An address of TEST-NET-1 (RFC 5737).
    source: `server-${index}|192.0.2.${index + 1}:123`,
    random: random.fork(),
    branchRandom: branchRandom.fork(),
    leastGapSeconds: rateLimits.find((limit) => limit.server === index)?.minGapSeconds ?? 0,
    askedAtSeconds: -Infinity,
  }));
}
