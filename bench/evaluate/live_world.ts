/**
 * A scenario's servers, paths and oscillator in real time: NTP servers on loopback, each behind a bad network.
 *
 * @module
 */
import { Clock, nowNs } from "../../ffi/clocks.ts";
import type { SocketAddress } from "../../ffi/socket_address.ts";
import { SimulatedClock } from "../../sim/clock.ts";
import { SimulatedNtpServer } from "../../sim/ntp_server.ts";
import { symmetricPath } from "../../sim/path.ts";
import { Random } from "../../sim/random.ts";
import { clockFromNow } from "../../sim/truth.ts";
import { UdpRelay } from "../../sim/udp_relay.ts";
import { drawOscillator } from "../../sim/world/oscillator.ts";
import type { Scenario } from "../../sim/world/scenario.ts";
import { drawServers, type ServerCharacter } from "../../sim/world/server.ts";
import { drawPaths } from "../../sim/world/server_path.ts";

/** How far the truth is from CLOCK_REALTIME at the start, s, 1 sd. */
const INITIAL_ERROR_SECONDS = 0.01;
/** Relays have addresses of their own, from 127.0.0.2 on. */
const FIRST_RELAY = 2;

interface LiveServer {
  readonly character: ServerCharacter;
  readonly server: SimulatedNtpServer;
  readonly relay: UdpRelay;
}

/**
 * The truth is a simulated oscillator on top of this machine's own: UTC as a function of CLOCK_MONOTONIC_RAW whose
 * frequency changes every second. Of the scenario it has oscillator, network and servers with their errors and lies;
 * congestion, route changes, refusals and whatever befalls the machine it has not.
 */
export class LiveWorld implements Disposable {
  readonly #frequency: Float64Array;
  readonly #servers: readonly LiveServer[];
  #clock: SimulatedClock;
  #second = 0;

  private constructor(frequency: Float64Array, servers: readonly LiveServer[], clock: SimulatedClock) {
    this.#frequency = frequency;
    this.#servers = servers;
    this.#clock = clock;
  }

  /** Starts all servers and relays; `seconds`: for how long the oscillator is to go on. */
  static async start(scenario: Scenario, seed: number, seconds: number): Promise<LiveWorld> {
    using stack = new DisposableStack();
    const random = new Random(seed);
    const { frequency } = drawOscillator(scenario.oscillator, Math.ceil(seconds), random.fork());
    const clock = new SimulatedClock(clockFromNow(INITIAL_ERROR_SECONDS * random.normal(), frequency[0]!));
    const { network, server: kind, liars = [], serverCount } = scenario;
    const paths = drawPaths(network, serverCount, random.fork());
    const characters = drawServers(kind, liars, serverCount, seconds, random.fork());
    const servers: LiveServer[] = [];
    for (const [index, character] of characters.entries()) {
      const { rootDelaySeconds, rootDispersionSeconds } = character;
      const server = stack.use(
        await SimulatedNtpServer.start({
          clock: clock.description,
          path: symmetricPath({ delaySeconds: 0 }),
          seed: random.uint32(),
          stratum: 2,
          rootDelaySeconds,
          rootDispersionSeconds,
          offsetErrorSeconds: character.errorAt(0),
        }),
      );
      const relay = stack.use(
        await UdpRelay.start({
          target: server.address,
          path: paths[index]!,
          seed: random.uint32(),
          hostname: `127.0.0.${FIRST_RELAY + index}`,
        }),
      );
      servers.push({ character, server, relay });
    }
    stack.move();
    return new LiveWorld(frequency, servers, clock);
  }

  /** Where clients reach the servers, through the relays. */
  get addresses(): SocketAddress[] {
    return this.#servers.map(({ relay }) => relay.address);
  }

  /** How many questions the servers have received. */
  get questions(): number {
    return this.#servers.reduce((sum, { server }) => sum + server.requests, 0);
  }

  /** The truth in ns when CLOCK_MONOTONIC_RAW reads `rawNs`, a moment ago at the earliest. */
  utcAt(rawNs: bigint): bigint {
    return this.#clock.utcAt(rawNs);
  }

  /**
   * Gives the oscillator and the servers' errors the values that they have `atSeconds` after the start. Servers learn
   * of it within milliseconds, in which a change of frequency as small as an oscillator's makes no nanosecond.
   */
  async advance(atSeconds: number): Promise<void> {
    const second = Math.min(this.#frequency.length - 1, Math.floor(atSeconds));
    if (second === this.#second) return;
    this.#second = second;
    const rawNs = nowNs(Clock.MONOTONIC_RAW);
    const description = {
      rawNs,
      utcNs: this.#clock.utcAt(rawNs),
      offsetSeconds: 0,
      frequency: this.#frequency[second]!,
    };
    this.#clock = new SimulatedClock(description);
    await Promise.all(
      this.#servers.map(({ server, character }) =>
        server.set({ clock: description, offsetErrorSeconds: character.errorAt(atSeconds) })
      ),
    );
  }

  /** Ends servers and relays. */
  [Symbol.dispose](): void {
    for (const { relay, server } of this.#servers) {
      relay[Symbol.dispose]();
      server[Symbol.dispose]();
    }
  }
}
