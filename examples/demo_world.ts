/**
 * The world of the demo: time servers whose truth is known, and a real daemon that asks them.
 *
 * @module
 */
import { DaemonProcess } from "../sim/daemon_process.ts";
import { SimulatedNtpServer } from "../sim/ntp_server.ts";
import { symmetricPath } from "../sim/path.ts";
import { clockFromNow, systemClockErrorSeconds, trueUtcNs } from "../sim/truth.ts";

/** How far the true time is ahead of this machine's clock at the start, s. */
export const TRUE_OFFSET_SECONDS = 0.025;
/** How much the truth gains on this machine's oscillator, s/s. */
export const TRUE_FREQUENCY = 20e-6;
/** By how much the liar lies, s. */
export const LIE_SECONDS = 0.04;

/** What the network does to each server's packets, one way, s. */
const PATHS = [
  { delaySeconds: 1e-3, jitterSeconds: 0.3e-3, asymmetrySeconds: 0 },
  { delaySeconds: 2e-3, jitterSeconds: 0.5e-3, asymmetrySeconds: 0.1e-3 },
  { delaySeconds: 5e-3, jitterSeconds: 1e-3, asymmetrySeconds: -0.4e-3 },
  { delaySeconds: 1.5e-3, jitterSeconds: 0.4e-3, asymmetrySeconds: 0 },
] as const;

/** How many servers there are; the last one is the liar. */
export const SERVERS = PATHS.length;
/** Long enough to see the time settle, short enough to wait for. */
const WARMUP_SECONDS = 10;

/** Runs until it is disposed. */
export class DemoWorld implements AsyncDisposable {
  readonly #servers: readonly SimulatedNtpServer[];
  readonly #stack: AsyncDisposableStack;
  readonly daemon: DaemonProcess;

  private constructor(
    servers: readonly SimulatedNtpServer[],
    daemon: DaemonProcess,
    stack: AsyncDisposableStack,
  ) {
    this.#servers = servers;
    this.daemon = daemon;
    this.#stack = stack;
  }

  /** Starts the servers, then the daemon; `onLine` hears the daemon's log. */
  static async start(onLine: (line: string) => void): Promise<DemoWorld> {
    await using stack = new AsyncDisposableStack();
    const clock = clockFromNow(TRUE_OFFSET_SECONDS, TRUE_FREQUENCY);
    const servers: SimulatedNtpServer[] = [];
    for (const [index, { delaySeconds, jitterSeconds, asymmetrySeconds }] of PATHS.entries()) {
      const jitter = { kind: "exponential", meanSeconds: jitterSeconds } as const;
      const path = symmetricPath({ delaySeconds, jitter }, asymmetrySeconds);
      servers.push(stack.use(await SimulatedNtpServer.start({ clock, path, seed: index + 1 })));
    }
    const daemon = stack.use(await DaemonProcess.start({ config: configFor(servers), onLine }));
    return new DemoWorld(servers, daemon, stack.move());
  }

  /** The true time now, UTC in ns. */
  trueUtcNs(): bigint {
    return trueUtcNs(this.#servers[0]!.clock);
  }

  /** How far this machine's own clock is off, s. */
  systemClockErrorSeconds(): number {
    return systemClockErrorSeconds(this.#servers[0]!.clock);
  }

  /** From now on the last server is off by {@linkcode LIE_SECONDS}, and does not say so. */
  async lie(): Promise<void> {
    await this.#servers.at(-1)!.set({ offsetErrorSeconds: LIE_SECONDS });
  }

  /** Ends the daemon, then the servers. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function configFor(servers: readonly SimulatedNtpServer[]): string {
  const addresses = servers.map(({ address }) => `    - 127.0.0.1:${address.port}`);
  return [
    "ntp:",
    "  servers:",
    ...addresses,
    `  warmup: { duration_seconds: ${WARMUP_SECONDS}, interval_seconds: 1 }`,
    "  interval_seconds: 1",
    // The models look at minutes of history, which there is not.
    "models: { enabled: false }",
    "",
  ].join("\n");
}
