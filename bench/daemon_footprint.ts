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

/** What the daemon is to do, and the goals for its share of a core and its memory. */
interface Case {
  readonly name: string;
  readonly what: string;
  readonly frequencyHz: number;
  readonly hasModels: boolean;
  readonly cpuPercent: number;
  readonly megabytes: number;
}

const PLAIN = { hasModels: false, megabytes: 70 };
const CASES: readonly Case[] = [
  { ...PLAIN, name: "100", what: "100 Hz", frequencyHz: 100, cpuPercent: 1 },
  { ...PLAIN, name: "1000", what: "1000 Hz", frequencyHz: 1000, cpuPercent: 5 },
  {
    name: "models",
    what: "100 Hz with both models",
    frequencyHz: 100,
    hasModels: true,
    cpuPercent: 1,
    megabytes: 190,
  },
];
const MEASURE_SECONDS = { usual: 10, long: 60 };
const READY_TIMEOUT_MS = 20_000;
/** By then the daemon has started, and V8 has compiled even what runs a hundred times a second. */
const SETTLE_SECONDS = 30;
const STOP_TIMEOUT_MS = 5000;

interface Footprint {
  readonly cpuPercent: number;
  readonly residentMegabytes: number;
}

/** Share of a core and resident memory at 100 and 1000 Hz, and with both models. */
export async function measureDaemon({ isLong, progress }: BenchContext): Promise<Group> {
  const seconds = isLong ? MEASURE_SECONDS.long : MEASURE_SECONDS.usual;
  using server = await startServer();
  const figures: Figure[] = [];
  for (const one of CASES) {
    progress.begin(`the daemon at ${one.what}, ${seconds + SETTLE_SECONDS} s`);
    const footprint = await footprintOf(server, one, seconds);
    figures.push({
      name: `cpu_${one.name}`,
      what: `${one.what}: share of a core`,
      value: footprint.cpuPercent,
      unit: "%",
      goal: { of: "value", atMost: one.cpuPercent },
    }, {
      name: `memory_${one.name}`,
      what: `${one.what}: resident memory`,
      value: footprint.residentMegabytes,
      unit: "MB",
      goal: { of: "value", atMost: one.megabytes },
    });
  }
  return {
    name: "daemon",
    title: `the daemon measuring one server, over ${seconds} s after ${SETTLE_SECONDS} s`,
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
  { frequencyHz, hasModels }: Case,
  seconds: number,
): Promise<Footprint> {
  await using daemon = new Daemon(configText(server, hasModels), frequencyHz);
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
function configText({ address }: SimulatedNtpServer, hasModels: boolean): string {
  return `ntp:
  servers: ["${address.hostname}:${address.port}"]
  warmup: { duration_seconds: 1 }
models: { enabled: ${hasModels} }
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
