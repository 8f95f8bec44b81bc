/**
 * A daemon in virtual time: asks a world's servers as the real one would, and hands what comes back to whoever is to be
 * judged.
 *
 * @module
 */
import type { KernelClock } from "../../ffi/clocks.ts";
import type { DisruptionReason } from "../../daemon/disruption.ts";
import type { Prediction } from "../../daemon/publish/prediction.ts";
import { SteeringWatch } from "../../daemon/publish/steering.ts";
import type { AddressScope } from "../../daemon/sources/address_scope.ts";
import { DisruptionWatch, type MachineSigns } from "../../daemon/sources/disruption_watch.ts";
import type { Exchange } from "../../daemon/sources/measurement.ts";
import { NtpServer } from "../../daemon/sources/ntp_server.ts";
import type { PollSchedule } from "../../daemon/sources/poll_schedule.ts";
import type { Random } from "../random.ts";
import type { MachineEvent } from "./machine.ts";
import { rawNsAt } from "./raw_time.ts";
import type { Answer, World } from "./world.ts";

/** Whoever keeps time: the production pipeline, or what it is compared with. */
export interface Timekeeper {
  /** An exchange was completed. True: all servers are to be asked at once. */
  add(exchange: Exchange): boolean | void;
  /** Something happened to the machine before `rawNs`; `count` times so far. */
  disrupt(rawNs: bigint, count: number, reason: DisruptionReason): void;
  /** What is known at `rawNs`. */
  predict(rawNs: bigint, kernel: KernelClock): TimekeeperPrediction;
}

/** The part of a prediction that is judged. */
export type TimekeeperPrediction = Pick<
  Prediction,
  | "scale"
  | "atSeconds"
  | "offsetSeconds"
  | "frequency"
  | "offsetUncertaintySeconds"
  | "driftUncertainty"
  | "maxErrorSeconds"
  | "flags"
>;

/** The warm-up of the daemon's own default configuration. */
export const WARMUP_SECONDS = 180;
const WARMUP_INTERVAL_SECONDS = 1;
/** From the warm-up on a server is asked this often, s. */
export const INTERVAL_SECONDS = 10;
/** How often the clocks are compared, and the machine's signs looked at, s. */
const WATCH_SECONDS = 1;

/** Something that is due at some raw instant, again and again. */
interface Actor {
  readonly dueSeconds: number;
  act(nowSeconds: number): void;
}

/** Runs as far as it is told. */
export class VirtualDaemon {
  readonly #world: World;
  readonly #keeper: Timekeeper;
  readonly #askers: readonly Asker[];
  readonly #actors: readonly Actor[];
  #hasAnswer = false;
  #disruptions = 0;
  #nowSeconds = 0;

  /** `random`: for the daemon's own decisions, which are not the world's. */
  constructor(world: World, keeper: Timekeeper, scope: AddressScope, random: Random) {
    this.#world = world;
    this.#keeper = keeper;
    const take = (exchange: Exchange) => this.#take(exchange);
    this.#askers = world.sources.map((_, index) => new Asker(world, index, scope, random.fork(), take));
    const disrupt = (reason: DisruptionReason) => this.#disrupt(reason);
    this.#actors = [...this.#askers, new SuspendWatch(world, disrupt), new SignWatch(world, disrupt)];
  }

  /** Lets everything happen that is due up to `rawSeconds`, in its order. */
  runUntil(rawSeconds: number): void {
    for (;;) {
      const next = this.#actors.reduce((a, b) => b.dueSeconds < a.dueSeconds ? b : a);
      if (next.dueSeconds > rawSeconds) break;
      this.#nowSeconds = Math.max(this.#nowSeconds, next.dueSeconds);
      next.act(this.#nowSeconds);
    }
    this.#nowSeconds = rawSeconds;
  }

  #take(exchange: Exchange): void {
    if (this.#keeper.add(exchange)) this.#burst();
    if (this.#hasAnswer) return;
    this.#hasAnswer = true;
    // The warm-up counts from here, however long the network took.
    for (const asker of this.#askers) asker.server.schedule = scheduleFrom(this.#nowSeconds);
  }

  #disrupt(reason: DisruptionReason): void {
    this.#keeper.disrupt(rawNsAt(this.#world.base, this.#nowSeconds), ++this.#disruptions, reason);
    this.#burst();
  }

  #burst(): void {
    for (const asker of this.#askers) asker.server.burst();
  }
}

function scheduleFrom(rawSeconds: number): PollSchedule {
  return {
    warmupUntilRawSeconds: rawSeconds + WARMUP_SECONDS,
    warmupIntervalSeconds: WARMUP_INTERVAL_SECONDS,
    intervalSeconds: INTERVAL_SECONDS,
  };
}

/** Asks one server whenever the production schedule says so. */
class Asker implements Actor {
  readonly server: NtpServer;
  readonly #world: World;
  readonly #index: number;
  readonly #take: (exchange: Exchange) => void;
  #awaited: Answer | null = null;
  #isDenied = false;

  constructor(
    world: World,
    index: number,
    scope: AddressScope,
    random: Random,
    take: (exchange: Exchange) => void,
  ) {
    this.#world = world;
    this.#index = index;
    this.#take = take;
    const address = { hostname: "192.0.2.1", port: 123 };
    const record = { askedAtRawSeconds: -Infinity, rateFloorSeconds: 0, isDenied: false, unanswered: 0 };
    const identity = { source: world.sources[index]!, address, scope };
    this.server = new NtpServer(identity, scheduleFrom(0), record, 0, () => random.uniform());
  }

  get dueSeconds(): number {
    if (this.#isDenied) return Infinity;
    return this.#awaited?.endSeconds ?? this.server.nextPollAtRawSeconds;
  }

  act(nowSeconds: number): void {
    const awaited = this.#awaited;
    if (awaited === null) {
      this.server.begin(nowSeconds);
      this.#awaited = this.#world.ask(this.#index, nowSeconds);
      return;
    }
    this.#awaited = null;
    this.#isDenied = this.server.finish(awaited.outcome) === "denied";
    if (awaited.outcome.kind === "measured") this.#take(awaited.outcome.exchange);
  }
}

/** Notices suspends as the publisher does. */
class SuspendWatch implements Actor {
  readonly #world: World;
  readonly #steering = new SteeringWatch();
  readonly #notify: (reason: DisruptionReason) => void;
  dueSeconds = 0;

  constructor(world: World, notify: (reason: DisruptionReason) => void) {
    this.#world = world;
    this.#notify = notify;
  }

  act(nowSeconds: number): void {
    const before = this.#steering.suspends;
    this.#steering.observe(this.#world.clocksAt(nowSeconds));
    if (this.#steering.suspends > before) this.#notify("suspend");
    this.dueSeconds = nowSeconds + WATCH_SECONDS;
  }
}

/** Looks at what the kernel and the hypervisor say of the machine, as the service does. */
class SignWatch implements Actor {
  readonly #watch: DisruptionWatch;
  readonly #notify: (reason: DisruptionReason) => void;
  #nowSeconds = 0;
  dueSeconds = 0;

  constructor(world: World, notify: (reason: DisruptionReason) => void) {
    this.#watch = new DisruptionWatch(() => signsAt(world, this.#nowSeconds));
    this.#notify = notify;
  }

  act(nowSeconds: number): void {
    this.#nowSeconds = nowSeconds;
    const reason = this.#watch.look();
    if (reason !== null) this.#notify(reason);
    this.dueSeconds = nowSeconds + WATCH_SECONDS;
  }
}

/** A virtual machine of a world has a VMClock device only where its scenario says so. */
function signsAt({ events, hasVmClock }: World, rawSeconds: number): MachineSigns {
  const past = events.filter(({ atSeconds }) => atSeconds <= rawSeconds);
  const count = (...kinds: readonly MachineEvent["kind"][]) =>
    past.filter(({ kind }) => kinds.includes(kind)).length;
  return {
    bootId: "the only one",
    clocksource: `number ${count("clocksource")}`,
    vmDisruptionMarker: hasVmClock ? BigInt(count("migration", "restore", "fork")) : null,
  };
}
