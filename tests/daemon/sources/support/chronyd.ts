import { ntpExchange } from "../../../../daemon/sources/ntp_exchange.ts";
import type { SocketAddress } from "../../../../ffi/socket_address.ts";
import { findProgram } from "../../../support/available.ts";

const START_ATTEMPTS = 100;
const ATTEMPT_TIMEOUT_MS = 100;
const PAUSE_MS = 20;

/**
 * A real chronyd that never touches the clock. On a loopback port it serves the system's time, or that of `upstream`,
 * which it follows in software.
 */
export class Chronyd implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #process: Deno.ChildProcess;

  private constructor(port: number, folder: string, process: Deno.ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.#process = process;
  }

  static async start(upstream?: SocketAddress): Promise<Chronyd> {
    const folder = await Deno.makeTempDir({ prefix: "chronotick-chronyd-" });
    const port = freeUdpPort();
    await Deno.writeTextFile(
      `${folder}/chrony.conf`,
      [
        `port ${port}`,
        "bindaddress 127.0.0.1",
        "allow 127.0.0.1",
        upstream === undefined
          ? "local stratum 8"
          : `server ${upstream.hostname} port ${upstream.port} iburst minpoll -4 maxpoll -4`,
        "cmdport 0",
        `pidfile ${folder}/chronyd.pid`,
      ].join("\n"),
    );
    const process = new Deno.Command(findProgram("chronyd")!, {
      args: ["-x", "-U", "-u", userName(), "-d", "-f", `${folder}/chrony.conf`],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const server = new Chronyd(port, folder, process);
    await server.#answers();
    return server;
  }

  async #answers(): Promise<void> {
    for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
      const address = { hostname: "127.0.0.1", port: this.port };
      const outcome = await ntpExchange({ source: "start", address, timeoutMs: ATTEMPT_TIMEOUT_MS });
      if (outcome.kind === "measured") return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    await this[Symbol.asyncDispose]();
    throw new Error("chronyd did not start to serve.");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function userName(): string {
  return Deno.uid() === 0 ? "root" : Deno.env.get("USER") ?? "nobody";
}

function freeUdpPort(): number {
  // TCP and UDP ports are drawn from the same range, and a TCP listener needs no unstable API.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
