/**
 * What the daemon itself uses: the real one, measuring a server on loopback.
 *
 * @module
 */
import { ChronoTickClient } from "../mod.ts";
import { readClockPair } from "../ffi/clocks.ts";
import { SimulatedNtpServer } from "../sim/ntp_server.ts";
import { symmetricPath } from "../sim/path.ts";
import type { BenchContext } from "./bench_context.ts";
import type { Figure, Group } from "./figure.ts";
import { randomShmName } from "./live_publisher.ts";
import { cpuSecondsOf, residentBytesOf } from "./process_usage.ts";

/** Publications per second, and the goal for the share of a core. */
const CASES = [{ frequencyHz: 100, cpuPercent: 1 }, { frequencyHz: 1000, cpuPercent: 5 }] as const;
const MEASURE_SECONDS = { usual: 10, long: 60 };
const READY_TIMEOUT_MS = 20_000;
/** By then the daemon has started, and V8 has compiled even what runs a hundred times a second. */
const SETTLE_SECONDS = 30;
const STOP_TIMEOUT_MS = 5000;
const MEMORY_GOAL_MB = 70;

interface Footprint {
  readonly cpuPercent: number;
  readonly residentMegabytes: number;
}

/** Share of a core and resident memory at 100 and 1000 Hz. */
export async function measureDaemon({ isLong, progress }: BenchContext): Promise<Group> {
  const seconds = isLong ? MEASURE_SECONDS.long : MEASURE_SECONDS.usual;
  using server = await startServer();
  const figures: Figure[] = [];
  for (const { frequencyHz, cpuPercent } of CASES) {
    progress.begin(`the daemon at ${frequencyHz} Hz, ${seconds + SETTLE_SECONDS} s`);
    const footprint = await footprintOf(server, frequencyHz, seconds);
    figures.push({
      name: `cpu_${frequencyHz}`,
      what: `${frequencyHz} Hz: share of a core`,
      value: footprint.cpuPercent,
      unit: "%",
      goal: { of: "value", atMost: cpuPercent },
    }, {
      name: `memory_${frequencyHz}`,
      what: `${frequencyHz} Hz: resident memory`,
      value: footprint.residentMegabytes,
      unit: "MB",
      goal: { of: "value", atMost: MEMORY_GOAL_MB },
    });
  }
  return {
    name: "daemon",
    title: `the daemon without models, measuring one server, over ${seconds} s after ${SETTLE_SECONDS} s`,
    figures,
  };
}

function startServer(): Promise<SimulatedNtpServer> {
  const { rawNs, realtimeNs: utcNs } = readClockPair();
  return SimulatedNtpServer.start({
    clock: { rawNs, utcNs, offsetSeconds: 0.025, frequency: 20e-6 },
    path: symmetricPath({ delaySeconds: 1e-3, jitter: { kind: "exponential", meanSeconds: 0.3e-3 } }),
    seed: 1,
  });
}

async function footprintOf(
  server: SimulatedNtpServer,
  frequencyHz: number,
  seconds: number,
): Promise<Footprint> {
  await using daemon = new Daemon(configText(server), frequencyHz);
  await daemon.ready();
  await pause(SETTLE_SECONDS);
  const beganMs = performance.now();
  const before = cpuSecondsOf(daemon.pid);
  await pause(seconds);
  const used = cpuSecondsOf(daemon.pid) - before;
  return {
    cpuPercent: (100 * used) / ((performance.now() - beganMs) / 1000),
    residentMegabytes: residentBytesOf(daemon.pid) / 1e6,
  };
}

/** A warm-up of a second: what is measured is the time after it. */
function configText({ address }: SimulatedNtpServer): string {
  return `ntp:
  servers: ["${address.hostname}:${address.port}"]
  warmup: { duration_seconds: 1 }
models: { enabled: false }
`;
}

/** The daemon's process with its configuration file. */
class Daemon implements AsyncDisposable {
  readonly #configPath = Deno.makeTempFileSync({ prefix: "chronotick_bench_", suffix: ".yaml" });
  readonly #shmName = randomShmName();
  readonly #process: Deno.ChildProcess;

  constructor(config: string, frequencyHz: number) {
    Deno.writeTextFileSync(this.#configPath, config);
    const main = new URL("../daemon/main.ts", import.meta.url);
    const options = [
      ["--config", this.#configPath],
      ["--shm-name", this.#shmName],
      ["--freq", String(frequencyHz)],
      ["--log-level", "WARNING"],
    ];
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--allow-all", main.href, ...options.flat()],
      stdin: "null",
      stdout: "null",
    }).spawn();
  }

  get pid(): number {
    return this.#process.pid;
  }

  async ready(): Promise<void> {
    using client = new ChronoTickClient({ shmName: this.#shmName });
    await client.waitUntilReady({ timeoutMs: READY_TIMEOUT_MS });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const timeout = setTimeout(() => this.#signal("SIGKILL"), STOP_TIMEOUT_MS);
    this.#signal("SIGTERM");
    await this.#process.status;
    clearTimeout(timeout);
    Deno.removeSync(this.#configPath);
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#process.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended
    }
  }
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
}
