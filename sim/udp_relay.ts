/**
 * A bad network in front of a real server: a UDP relay that delays, loses, duplicates and reorders.
 *
 * @module
 */
import type { SocketAddress } from "../ffi/socket_address.ts";
import { checkOneWay, checkRange, type OneWay } from "./path.ts";
import { StationHost } from "./station_host.ts";

/** One direction of the relay. */
export interface RelayWay extends OneWay {
  /** Probability that a packet arrives a second time, after a delay of its own; 0 unless given. */
  readonly duplicateProbability?: number;
  /** Probability that a packet takes a way twice as long, on which later ones overtake it; 0 unless given. */
  readonly reorderProbability?: number;
}

/** What can be changed while the relay runs. Outbound is from the clients to the target. */
export interface RelaySettings {
  readonly outbound: RelayWay;
  readonly inbound: RelayWay;
}

/** What a relay is started with. */
export interface RelayOptions {
  /** Where packets go. */
  readonly target: SocketAddress;
  readonly path: RelaySettings;
  /** Delays and losses follow from it. */
  readonly seed: number;
  /** A numeric local address for the clients; `127.0.0.1` unless given. */
  readonly hostname?: string;
  /** Chosen by the kernel unless given. */
  readonly port?: number;
}

/** What the relay's worker needs apart from its settings. */
export interface RelayParameters {
  readonly local: SocketAddress;
  readonly target: SocketAddress;
  readonly seed: number;
}

/**
 * A relay in a worker thread. A packet leaves when its kernel receive stamp plus the drawn delay is reached; packets of
 * one client keep their order in each direction, but for those that {@linkcode RelayWay.reorderProbability} holds back.
 */
export class UdpRelay implements Disposable {
  readonly #host: StationHost<RelaySettings>;
  #settings: RelaySettings;

  private constructor(host: StationHost<RelaySettings>, settings: RelaySettings) {
    this.#host = host;
    this.#settings = settings;
  }

  /**
   * Resolves when the relay listens.
   *
   * @throws {RangeError} a setting makes no sense
   */
  static async start(options: RelayOptions): Promise<UdpRelay> {
    const { target, path, seed, hostname = "127.0.0.1", port = 0 } = options;
    checkWays(path);
    const parameters: RelayParameters = { local: { hostname, port }, target, seed };
    const workerUrl = new URL("./udp_relay_worker.ts", import.meta.url);
    return new UdpRelay(await StationHost.start(workerUrl, parameters, path), path);
  }

  /** Where clients reach the target. */
  get address(): SocketAddress {
    return this.#host.address;
  }

  /** How many packets have come in from both sides, forwarded or not. */
  get packets(): number {
    return this.#host.received;
  }

  /**
   * Changes one direction or both; resolves when they are in force, a few ms from now. Packets under way keep the
   * delay that they were given.
   *
   * @throws {RangeError} a setting makes no sense
   */
  async set(changes: Partial<RelaySettings>): Promise<void> {
    const settings = { ...this.#settings, ...changes };
    checkWays(settings);
    this.#settings = settings;
    await this.#host.configure(settings);
  }

  /** Ends the worker and closes its ports. */
  [Symbol.dispose](): void {
    this.#host[Symbol.dispose]();
  }
}

function checkWays(settings: RelaySettings): void {
  for (const way of [settings.outbound, settings.inbound]) {
    checkOneWay(way);
    checkRange("a duplicate probability", way.duplicateProbability ?? 0, 1);
    checkRange("a reorder probability", way.reorderProbability ?? 0, 1);
  }
}
