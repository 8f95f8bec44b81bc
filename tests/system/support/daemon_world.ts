import { stringify } from "@std/yaml";
import type { SocketAddress } from "../../../ffi/socket_address.ts";
import { ChronoTickClient } from "../../../mod.ts";
import { DaemonProcess } from "../../../sim/daemon_process.ts";
import { SimulatedNtpServer } from "../../../sim/ntp_server.ts";
import { type Path, symmetricPath } from "../../../sim/path.ts";
import type { ServerSettings } from "../../../sim/server_settings.ts";
import { clockFromNow } from "../../../sim/truth.ts";
import { exists } from "../../support/exists.ts";

/** The truth of these tests: 25 ms ahead of this machine's clock, and faster than its oscillator by 20 ppm. */
export const OFFSET_SECONDS = 0.025;
export const FREQUENCY = 20e-6;

/** The path of these tests: 1 ms each way and queues of 0.3 ms. */
export const PATH: Path = symmetricPath({
  delaySeconds: 1e-3,
  jitter: { kind: "exponential", meanSeconds: 0.3e-3 },
});

const READY_TIMEOUT_MS = 30_000;

/** What a test wants different from a quick configuration. */
export interface QuickConfig {
  readonly servers: readonly SocketAddress[];
  readonly intervalSeconds?: number;
  readonly warmupSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly frequencyHz?: number;
  readonly cpuAffinity?: readonly number[];
}

/** A configuration with intervals short enough to wait for; the estimator is alone. */
export function quickConfig(config: QuickConfig): string {
  const { intervalSeconds = 0.25, warmupSeconds = 2, timeoutSeconds = 0.5 } = config;
  const { frequencyHz = 100, cpuAffinity = [] } = config;
  return stringify({
    daemon: { update_frequency_hz: frequencyHz, cpu_affinity: cpuAffinity },
    ntp: {
      servers: config.servers.map(({ hostname, port }) => `${hostname}:${port}`),
      timeout_seconds: timeoutSeconds,
      warmup: { duration_seconds: warmupSeconds, interval_seconds: intervalSeconds },
      interval_seconds: intervalSeconds,
    },
    models: { enabled: false },
  });
}

/** Servers of one truth, each on its own path seed, with the settings given for each. */
export class SimulatedServers implements Disposable {
  readonly all: readonly SimulatedNtpServer[];

  private constructor(all: readonly SimulatedNtpServer[]) {
    this.all = all;
  }

  static async start(settings: readonly Partial<ServerSettings>[]): Promise<SimulatedServers> {
    using stack = new DisposableStack();
    const clock = clockFromNow(OFFSET_SECONDS, FREQUENCY);
    const servers: SimulatedNtpServer[] = [];
    for (const [index, own] of settings.entries()) {
      servers.push(
        stack.use(await SimulatedNtpServer.start({ clock, path: PATH, seed: index + 1, ...own })),
      );
    }
    stack.move();
    return new SimulatedServers(servers);
  }

  get addresses(): SocketAddress[] {
    return this.all.map(({ address }) => address);
  }

  /** The server whose clock is the truth of all. */
  get first(): SimulatedNtpServer {
    return this.all[0]!;
  }

  async set(changes: Partial<ServerSettings>): Promise<void> {
    await Promise.all(this.all.map((server) => server.set(changes)));
  }

  [Symbol.dispose](): void {
    for (const server of this.all) server[Symbol.dispose]();
  }
}

/**
 * A client of the daemon that has a valid time.
 *
 * @throws {Error} it has none in time, with the daemon's log
 */
export async function readyClient(daemon: DaemonProcess): Promise<ChronoTickClient> {
  const client = new ChronoTickClient({ shmName: daemon.shmName });
  const ended = new AbortController();
  void daemon.ended().then(() => ended.abort(new Error("the daemon ended")));
  try {
    await client.waitUntilReady({ timeoutMs: READY_TIMEOUT_MS, signal: ended.signal });
    return client;
  } catch (error) {
    client.close();
    throw new Error(`The daemon gave no valid time. Its log:\n${daemon.lines.join("\n")}`, { cause: error });
  }
}

/** Whether the daemon's segment is there. */
export function segmentExists({ shmName }: DaemonProcess): boolean {
  return exists(`/dev/shm/${shmName}`);
}

const CHECK_INTERVAL_MS = 10;

/**
 * Resolves with what `ask` gives as soon as that is neither null nor false.
 *
 * @throws {Error} it stayed so for `timeoutMs`
 */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  ask: () => T | null | false,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const answer = ask();
    if (answer !== null && answer !== false) return answer;
    await pause(CHECK_INTERVAL_MS);
  }
  throw new Error(`${what}: not within ${timeoutMs} ms.`);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
