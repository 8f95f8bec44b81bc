/**
 * Ticks from an etcd cluster: one order over many machines.
 *
 * @module
 */
import type { StampedTick, TickAuthority } from "./authority.ts";
import { checkCount, checkStampTime } from "./check_demand.ts";
import { parseEtcdAddress } from "./etcd_address.ts";
import { EtcdCounter } from "./etcd_counter.ts";
import type { EtcdGateway } from "./etcd_gateway.ts";
import { type Demand, type Grant, grantAll, latestStamp } from "./etcd_grant.ts";
import { MAX_ADDED, MAX_TICK } from "./etcd_state.ts";
import { noTickFrom } from "./etcd_refusal.ts";
import { MAX_UTC_NS } from "./phi_timestamp.ts";
import { openEtcdGateway } from "./open_etcd_gateway.ts";

/** How a cluster's counter is opened. */
export interface EtcdAuthorityOptions {
  /** Create the counter where there is none. Never begins anew one that was deleted. Default false. */
  readonly create?: boolean;
  /** How long one call may be tried while members are away or elect a leader, ms. Default 10 000, 5000 to open. */
  readonly patienceMs?: number;
}

interface Waiting extends Demand {
  readonly resolve: (grant: Grant) => void;
  readonly reject: (error: unknown) => void;
}

const DEFAULT_PATIENCE_MS = 10_000;
/** Who opens mostly waits in front of a screen. */
const DEFAULT_OPENING_PATIENCE_MS = 5000;
/** Calls that wait for their ticks at the same time. */
const MAX_WAITING = 100_000;

/**
 * Each call is one transaction, unless a block was reserved; calls that wait at the same time share one. Ticks follow
 * the order of the calls within one authority. Over several authorities a tick that was returned is less than every one
 * that is asked for later, if none of them reserves blocks; with blocks that holds for the blocks, and for stamped ticks.
 */
export class EtcdAuthority implements TickAuthority {
  /** The address, without its settings. */
  readonly name: string;
  readonly #gateway: EtcdGateway;
  readonly #counter: EtcdCounter;
  readonly #block: bigint;
  readonly #patienceMs: number;
  readonly #waiting: Waiting[] = [];
  /** The next of the ticks that are reserved and not handed out, and the last of them. */
  #spareTick = 1n;
  #lastSpareTick = 0n;
  #service: Promise<void> | null = null;
  #isClosed = false;

  private constructor(
    name: string,
    gateway: EtcdGateway,
    counter: EtcdCounter,
    block: number,
    patienceMs: number,
  ) {
    this.name = name;
    this.#gateway = gateway;
    this.#counter = counter;
    this.#block = BigInt(block);
    this.#patienceMs = patienceMs;
  }

  /**
   * Opens the counter of `address` (`etcd://host:2379[,host…]/name[?block=N]`).
   *
   * @throws {TickError} the address is wrong, the cluster is away, or there is no such counter
   */
  static async open(address: string, options: EtcdAuthorityOptions = {}): Promise<EtcdAuthority> {
    const parsed = parseEtcdAddress(address);
    const gateway = openEtcdGateway(parsed);
    try {
      const counter = new EtcdCounter(gateway, parsed.name, parsed.text);
      const deadlineMs = performance.now() + (options.patienceMs ?? DEFAULT_OPENING_PATIENCE_MS);
      if (options.create === true) await counter.create(deadlineMs);
      await counter.read(deadlineMs);
      const patienceMs = options.patienceMs ?? DEFAULT_PATIENCE_MS;
      return new EtcdAuthority(parsed.text, gateway, counter, parsed.block, patienceMs);
    } catch (error) {
      gateway[Symbol.dispose]();
      throw error;
    }
  }

  /** The highest tick that anybody was given or has reserved. */
  async current(): Promise<bigint> {
    this.#checkOpen();
    return (await this.#counter.read(this.#deadlineMs())).last;
  }

  /**
   * Hands out `count` consecutive ticks, 1 … 1 000 000, and returns the first of them.
   *
   * @throws {TickError} the cluster gave none in time; none of these ticks will be handed out later
   */
  async next(count = 1): Promise<bigint> {
    checkCount("a count of ticks", count);
    this.#checkOpen();
    const demand = { count: BigInt(count), utcNs: null };
    const spare = this.#waiting.length === 0 ? this.#takeSpare(demand) : null;
    return (spare ?? await this.#wait(demand)).firstTick;
  }

  /**
   * Hands out one tick with a time that is not less than that of any stamp before.
   *
   * @throws {TickError} the cluster gave none in time
   */
  async nextStamped(utcNs: bigint): Promise<StampedTick> {
    checkStampTime(utcNs, MAX_UTC_NS);
    this.#checkOpen();
    const { firstTick, utcNs: stampNs } = await this.#wait({ count: 1n, utcNs });
    return { tick: firstTick, utcNs: stampNs! };
  }

  /** Ends the calls under way with an error. What was reserved and not handed out is lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#gateway[Symbol.dispose]();
    await this.#service;
  }

  #takeSpare({ count, utcNs }: Demand): Grant | null {
    const firstTick = this.#spareTick;
    if (utcNs !== null || firstTick + count - 1n > this.#lastSpareTick) return null;
    this.#spareTick += count;
    return { firstTick, utcNs };
  }

  #wait(demand: Demand): Promise<Grant> {
    if (this.#waiting.length >= MAX_WAITING) {
      throw noTickFrom(this.name, "BUSY", `${MAX_WAITING} calls wait for theirs already`);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...demand, resolve, reject });
      this.#service ??= this.#serve();
    });
  }

  /** Serves all who wait, as many at a time as there are. */
  async #serve(): Promise<void> {
    await null; // so that calls of one turn of the event loop share the first transaction
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, fitting(this.#waiting));
      try {
        const grants = await this.#reserve(batch);
        batch.forEach(({ resolve }, index) => resolve(grants[index]!));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      // Only now: a spare tick may not overtake those who wait.
      this.#waiting.splice(0, batch.length);
    }
    this.#service = null;
  }

  /** Gives up what is left of the last block, so that ticks keep the order of the calls. */
  async #reserve(demands: readonly Demand[]): Promise<Grant[]> {
    const wanted = demands.reduce((sum, { count }) => sum + count, 0n);
    const reserved = wanted > this.#block ? wanted : this.#block;
    const { last, utcNs } = await this.#counter.add(reserved, latestStamp(demands), this.#deadlineMs());
    if (last + reserved > MAX_TICK) throw noTickFrom(this.name, "EXHAUSTED", "its ticks are used up");
    this.#spareTick = last + 1n + wanted;
    this.#lastSpareTick = last + reserved;
    return grantAll(last + 1n, utcNs, demands);
  }

  #deadlineMs(): number {
    return performance.now() + this.#patienceMs;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw noTickFrom(this.name, "CLOSED", "it was closed");
  }
}

/** How many of the demands one transaction can meet. */
function fitting(demands: readonly Demand[]): number {
  let sum = 0n;
  const tooMany = demands.findIndex(({ count }) => (sum += count) > MAX_ADDED);
  return tooMany < 0 ? demands.length : tooMany;
}
