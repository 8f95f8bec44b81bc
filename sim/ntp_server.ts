/**
 * A real NTPv4 server on loopback whose clock, path and manners are simulated.
 *
 * @module
 */
import type { SocketAddress } from "../ffi/socket_address.ts";
import { type ClockDescription, SimulatedClock } from "./clock.ts";
import type { Path } from "./path.ts";
import { checkSettings, HONEST_SETTINGS, type ServerSettings } from "./server_settings.ts";
import { StationHost } from "./station_host.ts";

/** What a server is started with: a clock, a path, and what is not {@linkcode HONEST_SETTINGS}. */
export interface ServerOptions extends Partial<ServerSettings> {
  readonly clock: ClockDescription;
  readonly path: Path;
  /** Delays, losses and random bytes follow from it. */
  readonly seed: number;
  /** A numeric local address; `127.0.0.1` unless given. */
  readonly hostname?: string;
  /** Chosen by the kernel unless given. */
  readonly port?: number;
}

/** What the server's worker needs apart from its settings. */
export interface ServerParameters {
  readonly local: SocketAddress;
  readonly seed: number;
}

/**
 * A UDP server in a worker thread. A request is received, by its clock, when it arrived plus the outbound delay; the
 * reply arrives later by the processing time and the inbound delay.
 *
 * ```ts ignore
 * import { readClockPair } from "../ffi/clocks.ts";
 * import { symmetricPath } from "./path.ts";
 *
 * const { rawNs, realtimeNs: utcNs } = readClockPair();
 * using server = await SimulatedNtpServer.start({
 *   clock: { rawNs, utcNs, offsetSeconds: 0.025, frequency: 20e-6 },
 *   path: symmetricPath({ delaySeconds: 1e-3, jitter: { kind: "exponential", meanSeconds: 0.3e-3 } }),
 *   seed: 1,
 * });
 * ```
 */
export class SimulatedNtpServer implements Disposable {
  readonly #host: StationHost<ServerSettings>;
  #settings: ServerSettings;
  #clock: SimulatedClock;

  private constructor(host: StationHost<ServerSettings>, settings: ServerSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#clock = new SimulatedClock(settings.clock);
  }

  /**
   * Resolves when the server listens.
   *
   * @throws {RangeError} a setting makes no sense
   */
  static async start(options: ServerOptions): Promise<SimulatedNtpServer> {
    const { seed, hostname = "127.0.0.1", port = 0, ...given } = options;
    const settings = checkSettings({ ...HONEST_SETTINGS, ...given });
    const parameters: ServerParameters = { local: { hostname, port }, seed };
    const workerUrl = new URL("./ntp_server_worker.ts", import.meta.url);
    return new SimulatedNtpServer(await StationHost.start(workerUrl, parameters, settings), settings);
  }

  /** Where clients reach it. */
  get address(): SocketAddress {
    return this.#host.address;
  }

  /** How many requests have come, answered or not. */
  get requests(): number {
    return this.#host.received;
  }

  /** The clock that it serves, without `offsetErrorSeconds`. */
  get clock(): SimulatedClock {
    return this.#clock;
  }

  /** The truth: what its clock says in ns when CLOCK_MONOTONIC_RAW reads `rawNs`. */
  utcAt(rawNs: bigint): bigint {
    return this.#clock.utcAt(rawNs);
  }

  /**
   * Changes settings; resolves when they are in force, a few ms from now. For a step of the clock, give a
   * {@linkcode SimulatedClock.stepped} clock whose step lies a little ahead.
   *
   * @throws {RangeError} a setting makes no sense
   */
  async set(changes: Partial<ServerSettings>): Promise<void> {
    this.#settings = checkSettings({ ...this.#settings, ...changes });
    this.#clock = new SimulatedClock(this.#settings.clock);
    await this.#host.configure(this.#settings);
  }

  /** Ends the worker and closes its port. */
  [Symbol.dispose](): void {
    this.#host[Symbol.dispose]();
  }
}
