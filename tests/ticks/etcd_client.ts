import { DenoChild } from "../support/deno_child.ts";
import { eventually } from "../system/support/daemon_world.ts";

/** A tick that a client was given. */
export interface Given {
  readonly tick: bigint;
  /** Its stamp; -1n without. */
  readonly utcNs: bigint;
  /** CLOCK_MONOTONIC, which all processes of a machine share. */
  readonly askedNs: bigint;
  readonly gotNs: bigint;
}

/** What a client asks for. */
export interface EtcdClientOptions {
  readonly address: string;
  readonly kind?: "plain" | "stamped";
  /** How wrong its clock is. */
  readonly clockErrorNs?: bigint;
}

const PROGRESS_TIMEOUT_MS = 20_000;

/** A client in a process of its own. */
export class EtcdClient implements AsyncDisposable {
  readonly #child: DenoChild;
  readonly #pid: number;
  readonly #told: Promise<void>;
  /** All ticks that it was given, in their order. */
  readonly given: Given[] = [];

  private constructor(child: DenoChild, pid: number) {
    this.#child = child;
    this.#pid = pid;
    this.#told = this.#listen();
  }

  /** Resolves when it has opened the counter. */
  static async start(
    { address, kind = "plain", clockErrorNs = 0n }: EtcdClientOptions,
  ): Promise<EtcdClient> {
    const child = new DenoChild(new URL("./etcd_client_child.ts", import.meta.url), {
      args: [address, kind, String(clockErrorNs)],
      permissions: ["--allow-ffi", "--allow-net"],
    });
    return new EtcdClient(child, Number(await child.line()));
  }

  /** Resolves when it was given `count` more ticks. */
  async progress(count: number): Promise<void> {
    const enough = this.given.length + count;
    await eventually(`${count} more ticks`, PROGRESS_TIMEOUT_MS, () => this.given.length >= enough);
  }

  /** Lets it finish its last call and tell of it. */
  async stop(): Promise<void> {
    Deno.kill(this.#pid, "SIGTERM");
    await this.#told;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
    await this.#told.catch(() => {}); // killed before its end
  }

  async #listen(): Promise<void> {
    for (let line = await this.#child.line(); line !== "end"; line = await this.#child.line()) {
      const [tick, utcNs, askedNs, gotNs] = line.split(" ").map(BigInt) as [bigint, bigint, bigint, bigint];
      this.given.push({ tick, utcNs, askedNs, gotNs });
    }
  }
}
