/**
 * The real daemon as a process of its own, for what is measured of it from outside.
 *
 * @module
 */
import { ChronoTickClient } from "../mod.ts";
import { readClockPair } from "../ffi/clocks.ts";
import { SimulatedNtpServer } from "../sim/ntp_server.ts";
import { symmetricPath } from "../sim/path.ts";
import { signalChild } from "../sim/signal_child.ts";
import { randomShmName } from "./live_publisher.ts";

const READY_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 5000;

/** A server on loopback whose truth is 25 ms ahead, a millisecond away. */
export function startServer(): Promise<SimulatedNtpServer> {
  const { rawNs, realtimeNs: utcNs } = readClockPair();
  return SimulatedNtpServer.start({
    clock: { rawNs, utcNs, offsetSeconds: 0.025, frequency: 20e-6 },
    path: symmetricPath({ delaySeconds: 1e-3, jitter: { kind: "exponential", meanSeconds: 0.3e-3 } }),
    seed: 1,
  });
}

/** A warm-up of a second: what is measured is the time after it. */
export function configText({ address }: SimulatedNtpServer, hasModels: boolean): string {
  return `ntp:
  servers: ["${address.hostname}:${address.port}"]
  warmup: { duration_seconds: 1 }
models: { enabled: ${hasModels} }
`;
}

/** The daemon's process with its configuration file and its runtime folder. */
export class BenchDaemon implements AsyncDisposable {
  readonly #folder = Deno.makeTempDirSync({ prefix: "chronotick_bench_" });
  readonly #shmName = randomShmName();
  readonly #process: Deno.ChildProcess;

  constructor(config: string, frequencyHz: number) {
    const configPath = `${this.#folder}/config.yaml`;
    Deno.writeTextFileSync(configPath, config);
    const main = new URL("../daemon/main.ts", import.meta.url);
    const options = [
      ["--config", configPath],
      ["--shm-name", this.#shmName],
      ["--freq", String(frequencyHz)],
      ["--log-level", "WARNING"],
    ];
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--allow-all", main.href, ...options.flat()],
      env: { RUNTIME_DIRECTORY: this.#folder },
      stdin: "null",
      stdout: "null",
    }).spawn();
  }

  /** Its process's id. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Resolves when it gives a valid time. */
  async ready(): Promise<void> {
    using client = new ChronoTickClient({ shmName: this.#shmName });
    await client.waitUntilReady({ timeoutMs: READY_TIMEOUT_MS });
  }

  /** Ends it as an operator would. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timeout = setTimeout(() => signalChild(this.#process, "SIGKILL"), STOP_TIMEOUT_MS);
    signalChild(this.#process, "SIGTERM");
    await this.#process.status;
    clearTimeout(timeout);
    Deno.removeSync(this.#folder, { recursive: true });
  }
}
