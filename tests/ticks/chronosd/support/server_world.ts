import { lineAnswerer } from "../../../../ticks/chronosd/answer_line.ts";
import { SocketFile } from "../../../../ticks/chronosd/socket_file.ts";
import { DEFAULT_LIMITS, type SocketLimits, SocketServer } from "../../../../ticks/chronosd/socket_server.ts";
import { EventLog } from "../../../../ticks/event_log.ts";
import { EventRecorder } from "../../../../ticks/event_recorder.ts";
import { UtcClock, type UtcReading } from "../../../../ticks/utc_clock.ts";
import { TickService } from "../../../../ticks/chronosd/tick_service.ts";
import { LinePeer } from "./line_peer.ts";
import { MemoryAuthority } from "./memory_authority.ts";

/** A clock that stands until the test sets it. */
class FixedClock extends UtcClock {
  readonly #world: { readonly nowUtcNs: bigint };

  constructor(world: { readonly nowUtcNs: bigint }) {
    super();
    this.#world = world;
  }

  override read(): UtcReading {
    return { utcNs: this.#world.nowUtcNs, earliestNs: null, latestNs: null, source: "test" };
  }
}

/** A socket server on ticks in memory, in a folder that goes with it. */
export class ServerWorld implements AsyncDisposable {
  readonly authority = new MemoryAuthority();
  /** Unix time in ns that the daemon reads. */
  nowUtcNs = 1_760_909_304_472_823_544n;
  /** What the daemon was told that is nobody's fault but its own. */
  readonly faults: Error[] = [];
  readonly folder: string;
  readonly path: string;
  readonly service: TickService;
  readonly #limits: SocketLimits;
  readonly #clock = new FixedClock(this);
  readonly #recorder: EventRecorder;
  #server: SocketServer | null = null;

  private constructor(folder: string, limits: SocketLimits) {
    this.folder = folder;
    this.path = `${folder}/chronos.sock`;
    this.#limits = limits;
    this.#recorder = new EventRecorder(this.authority, new EventLog(`${folder}/state`), this.#clock);
    this.service = new TickService(this.authority, this.#recorder, (fault) => this.faults.push(fault));
  }

  static async start(limits: Partial<SocketLimits> = {}): Promise<ServerWorld> {
    const folder = await Deno.makeTempDir({ prefix: "chronosd-" });
    const world = new ServerWorld(folder, { ...DEFAULT_LIMITS, ...limits });
    await world.listen();
    return world;
  }

  get server(): SocketServer {
    return this.#server!;
  }

  /** Listens again after `stop`. */
  async listen(): Promise<void> {
    const file = await SocketFile.listen(this.path, { mode: 0o600, groupId: null });
    const answer = lineAnswerer(this.service, () => Promise.resolve("{}"));
    this.#server = new SocketServer(file, answer, this.#limits);
  }

  /** As a daemon that ends. */
  async stop(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = null;
  }

  peer(): Promise<LinePeer> {
    return LinePeer.connect(this.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#recorder[Symbol.dispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}
