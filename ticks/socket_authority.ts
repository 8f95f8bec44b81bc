/**
 * The ticks of a chronosd on this machine, over its Unix socket.
 *
 * @module
 */
import type { StampedTick, TickAuthority } from "./authority.ts";
import { TickError } from "./errors.ts";
import type { EventToLog } from "./event_recorder.ts";
import { LineClient } from "./line_client.ts";

/** What a reply of one or two numbers looks like. */
const TICK = /^(\d+)$/;
const STAMPED_TICK = /^(\d+) (\d+)$/;

/**
 * Asks chronosd. A connection that ended, as an idle one does, is opened again; a request that was on its way then is
 * sent once more, which may leave a gap in the ticks but never repeats one.
 *
 * ```ts ignore
 * await using ticks = await SocketAuthority.connect("/run/chronos/chronos.sock");
 * const tick = await ticks.next();
 * ```
 */
export class SocketAuthority implements TickAuthority {
  /** `unix:` and the path. */
  readonly name: string;
  readonly #path: string;
  #client: LineClient;
  #connecting: Promise<LineClient> | null = null;
  #isClosed = false;

  private constructor(path: string, client: LineClient) {
    this.name = `unix:${path}`;
    this.#path = path;
    this.#client = client;
  }

  /**
   * Connects to the chronosd that listens on `path`.
   *
   * @throws {TickError} `UNAVAILABLE`: nobody does, or this user may not ask it
   */
  static async connect(path: string): Promise<SocketAuthority> {
    return new SocketAuthority(path, await LineClient.connect(path));
  }

  /** The highest tick handed out so far. */
  async current(): Promise<bigint> {
    return (await this.#askNumbers("GET_TICK", TICK))[0]!;
  }

  /** Takes `count` consecutive ticks and returns the first. */
  async next(count = 1): Promise<bigint> {
    return (await this.#askNumbers(count === 1 ? "NEXT_TICK" : `NEXT_TICKS:${count}`, TICK))[0]!;
  }

  /** Takes a tick at `utcNs` or at the last stamp's time; chronosd refuses a time far ahead of its own clock. */
  async nextStamped(utcNs: bigint): Promise<StampedTick> {
    const [tick, stampedNs] = await this.#askNumbers(`STAMP_AT:${utcNs}`, STAMPED_TICK);
    return { tick: tick!, utcNs: stampedNs! };
  }

  /** Has chronosd use a tick for an entry of its log; returns the entry's JSON. Never sent twice. */
  async log(event: EventToLog): Promise<string> {
    return await (await this.#connected()).ask(`LOG:${JSON.stringify(event)}`);
  }

  /** Closes the connection; requests under way fail. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#client[Symbol.dispose]();
    (await this.#connecting?.catch(() => null))?.[Symbol.dispose]();
  }

  async #askNumbers(line: string, expected: RegExp): Promise<bigint[]> {
    const reply = await this.#ask(line);
    const numbers = expected.exec(reply)?.slice(1).map(BigInt);
    if (numbers !== undefined) return numbers;
    const answered = `it answered ${line} with ${JSON.stringify(reply.slice(0, 80))}`;
    throw new TickError("UNAVAILABLE", `Cannot take ${this.#path} for a chronosd's socket: ${answered}.`);
  }

  async #ask(line: string): Promise<string> {
    const client = await this.#connected();
    try {
      return await client.ask(line);
    } catch (error) {
      if (client.ending !== "lost" || this.#isClosed) throw error;
      return await (await this.#connected()).ask(line);
    }
  }

  /** All who find the connection ended share one new one. */
  async #connected(): Promise<LineClient> {
    if (this.#client.ending === null || this.#isClosed) return this.#client;
    this.#connecting ??= LineClient.connect(this.#path).finally(() => this.#connecting = null);
    return this.#client = await this.#connecting;
  }
}
