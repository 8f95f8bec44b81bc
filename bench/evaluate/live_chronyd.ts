/**
 * A real chronyd that never touches the clock, to be compared with.
 *
 * @module
 */
import type { Exchange } from "../../daemon/sources/measurement.ts";
import { ntpExchange } from "../../daemon/sources/ntp_exchange.ts";
import type { SocketAddress } from "../../ffi/socket_address.ts";
import { signalChild } from "../../sim/signal_child.ts";

/** Where servers are, which the PATH of an ordinary user may leave out. */
const FOLDERS: readonly string[] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];
const ASK_TIMEOUT_MS = 200;
/** It is asked so often at a time; the quickest answer is the truest. */
const ASK_ATTEMPTS = 3;

/** How chronyd is started. */
export interface ChronydOptions {
  /** Its program: see {@linkcode findChronyd}. */
  readonly program: string;
  /** Each of another address: chronyd knows servers by that, without the port. */
  readonly servers: readonly SocketAddress[];
  /** It asks every 2^this seconds. */
  readonly pollExponent: number;
}

/** The full path of chronyd; null where there is none in `folders`: those of the PATH and where servers are. */
export function findChronyd(folders: readonly string[] = programFolders()): string | null {
  return folders.map((folder) => `${folder}/chronyd`).find(isFile) ?? null;
}

function programFolders(): string[] {
  return [...(Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== ""), ...FOLDERS];
}

/** Runs until it is disposed; serves on loopback the time that it takes for true. */
export class LiveChronyd implements AsyncDisposable {
  readonly #folder: string;
  readonly #port: number;
  readonly #process: Deno.ChildProcess;

  private constructor(folder: string, port: number, process: Deno.ChildProcess) {
    this.#folder = folder;
    this.#port = port;
    this.#process = process;
  }

  /** Starts the process; it answers once it has found its servers to agree. */
  static async start({ program, servers, pollExponent }: ChronydOptions): Promise<LiveChronyd> {
    const folder = await Deno.makeTempDir({ prefix: "chronotick-chronyd-" });
    const port = freePort();
    const lines = [
      ...servers.map(({ hostname, port }) =>
        `server ${hostname} port ${port} iburst minpoll ${pollExponent} maxpoll ${pollExponent}`
      ),
      // As Debian has it, but that errors of the start are gone at once, whatever their size.
      "makestep 0.001 3",
      `port ${port}`,
      "bindaddress 127.0.0.1",
      "allow 127.0.0.1",
      "cmdport 0",
      `pidfile ${folder}/chronyd.pid`,
    ];
    await Deno.writeTextFile(`${folder}/chrony.conf`, lines.join("\n"));
    const process = new Deno.Command(program, {
      args: ["-x", "-U", "-u", userName(), "-d", "-f", `${folder}/chrony.conf`],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    return new LiveChronyd(folder, port, process);
  }

  /** What time it is by chronyd, in an exchange with it; null while it does not know. */
  async ask(): Promise<Exchange | null> {
    const request = {
      source: "chronyd",
      address: { hostname: "127.0.0.1", port: this.#port },
      timeoutMs: ASK_TIMEOUT_MS,
    };
    let best: Exchange | null = null;
    for (let attempt = 0; attempt < ASK_ATTEMPTS; attempt++) {
      const outcome = await ntpExchange(request);
      if (outcome.kind !== "measured") continue;
      if (best === null || roundTripNs(outcome.exchange) < roundTripNs(best)) best = outcome.exchange;
    }
    return best;
  }

  /** Ends the process; nothing of it is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    signalChild(this.#process, "SIGTERM");
    await this.#process.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Of an exchange without the server's own time, ns. */
export function roundTripNs({ t1RawNs, t2UtcNs, t3UtcNs, t4RawNs }: Exchange): number {
  return Number(t4RawNs - t1RawNs - (t3UtcNs - t2UtcNs));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function userName(): string {
  return Deno.uid() === 0 ? "root" : Deno.env.get("USER") ?? "nobody";
}

function freePort(): number {
  // TCP and UDP ports are drawn from the same range, and a TCP listener needs no unstable API.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
