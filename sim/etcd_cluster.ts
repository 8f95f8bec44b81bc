/**
 * A real etcd cluster on loopback, whose members may be killed, paused and started again.
 *
 * @module
 */
import { signalChild } from "./signal_child.ts";

/** What a cluster is started with. */
export interface EtcdClusterOptions {
  /** How many members; 3 unless given. */
  readonly members?: number;
  /** Makes certificates for members at these addresses, which then speak TLS to clients that show one too. */
  readonly certify?: (hosts: readonly string[]) => Promise<EtcdCertificates>;
}

/** Files, PEM. */
export interface EtcdCertificates {
  /** Who has signed the certificates of members and clients. */
  readonly ca: string;
  /** What a member shows, and a client as well. */
  readonly cert: string;
  /** The key to `cert`. */
  readonly key: string;
}

const PROGRAM = "etcd";
const CLIENT_PORT = 2379;
const PEER_PORT = 2380;
const AGREEMENT_TIMEOUT_MS = 20_000;
/** etcd's word for none. */
const NO_LEADER = "0";
const CHECK_INTERVAL_MS = 20;
const CHECK_TIMEOUT_MS = 500;
/** Every tick leaves a revision; none of the older ones is ever asked for. */
const COMPACTION = ["--auto-compaction-mode", "revision", "--auto-compaction-retention", "1000"];
const LOGGING = ["--logger", "zap", "--log-level", "error"];

/** etcd is not installed. */
export class NoEtcdError extends Error {
  /** The class, for logs. */
  override readonly name = "NoEtcdError";
}

/** Runs from `start` until it is disposed; then nothing of it is left, neither processes nor data. */
export class EtcdCluster implements AsyncDisposable {
  readonly #folder: string;
  readonly #hosts: readonly string[];
  readonly #certificates: EtcdCertificates | null;
  readonly #processes: Deno.ChildProcess[] = [];

  private constructor(folder: string, hosts: readonly string[], certificates: EtcdCertificates | null) {
    this.#folder = folder;
    this.#hosts = hosts;
    this.#certificates = certificates;
  }

  /**
   * Starts all members and waits until they have a leader.
   *
   * @throws {NoEtcdError} etcd is not on the PATH
   */
  static async start({ members = 3, certify }: EtcdClusterOptions = {}): Promise<EtcdCluster> {
    const hosts = randomHosts(members);
    const certificates = await certify?.(hosts) ?? null;
    const folder = await Deno.makeTempDir({ prefix: "chronotick-etcd-" });
    await using stack = new AsyncDisposableStack();
    const cluster = stack.use(new EtcdCluster(folder, hosts, certificates));
    for (let member = 0; member < members; member++) cluster.#spawn(member);
    await cluster.leader();
    stack.move();
    return cluster;
  }

  /** The members' client addresses: `127.1.2.3:2379`. */
  get hosts(): readonly string[] {
    return this.#hosts.map((host) => `${host}:${CLIENT_PORT}`);
  }

  /** The address of a counter: `etcd://127.1.2.3:2379,…/name`. */
  address(name: string): string {
    return `${this.#certificates ? "etcds" : "etcd"}://${this.hosts.join()}/${name}`;
  }

  /**
   * Which member leads, once it says so itself.
   *
   * @throws {Error} none was elected in time
   */
  async leader(): Promise<number> {
    return await this.#until("elected no leader", (statuses) => {
      const leader = statuses.findIndex((status) => status !== null && status.leader === status.member);
      return leader >= 0 ? leader : null;
    });
  }

  /**
   * Resolves when all members answer and follow the same leader.
   *
   * @throws {Error} they did not in time
   */
  async caughtUp(): Promise<void> {
    await this.#until("do not agree", (statuses) => {
      const leaders = new Set(statuses.map((status) => status?.leader ?? NO_LEADER));
      return leaders.size === 1 && !leaders.has(NO_LEADER) ? true : null;
    });
  }

  /** Sends a signal to a member: `SIGSTOP` pauses it, `SIGCONT` lets it go on. */
  signal(member: number, signal: Deno.Signal): void {
    this.#processes[member]!.kill(signal);
  }

  /** Kills a member, which keeps its data. */
  async kill(member: number): Promise<void> {
    this.signal(member, "SIGKILL");
    await this.#processes[member]!.status;
  }

  /** Starts a member that was killed. */
  restart(member: number): void {
    this.#spawn(member);
  }

  /** Kills all members and removes their data. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes) signalChild(process, "SIGKILL");
    await Promise.all(this.#processes.map(({ status }) => status));
    await Deno.remove(this.#folder, { recursive: true });
  }

  #spawn(member: number): void {
    const host = this.#hosts[member]!;
    const client = this.#origin(member);
    const peer = `http://${host}:${PEER_PORT}`;
    const args = [
      ...["--name", `m${member}`, "--data-dir", this.#dataFolder(member)],
      ...["--listen-client-urls", client, "--advertise-client-urls", client],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
      ...["--initial-cluster", this.#hosts.map((each, i) => `m${i}=http://${each}:${PEER_PORT}`).join()],
      ...["--log-outputs", this.#logPath(member), ...LOGGING, ...COMPACTION],
      ...this.#tlsFlags(),
    ];
    try {
      this.#processes[member] = new Deno.Command(PROGRAM, {
        args,
        stdin: "null",
        stdout: "null",
        stderr: "null",
      })
        .spawn();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new NoEtcdError(
        "Cannot start a cluster: there is no etcd. Install it (Debian: apt install etcd-server).",
      );
    }
  }

  async #until<T>(
    failure: string,
    judge: (statuses: readonly (MemberStatus | null)[]) => T | null,
  ): Promise<T> {
    const deadlineMs = performance.now() + AGREEMENT_TIMEOUT_MS;
    while (performance.now() < deadlineMs) {
      const verdict = judge(await Promise.all(this.#hosts.map((_, member) => this.#statusOf(member))));
      if (verdict !== null) return verdict;
      await new Promise((resolve) => setTimeout(resolve, CHECK_INTERVAL_MS));
    }
    throw new Error(`The etcd members ${failure}. They logged:\n${this.#logs()}`);
  }

  /** Null while it does not answer. */
  async #statusOf(member: number): Promise<MemberStatus | null> {
    try {
      using client = await this.#httpClient();
      const response = await fetch(`${this.#origin(member)}/v3/maintenance/status`, {
        method: "POST",
        body: "{}",
        client,
        signal: AbortSignal.timeout(CHECK_TIMEOUT_MS),
      });
      const { header, leader = NO_LEADER } = await response.json();
      return { member: header.member_id, leader };
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      return null;
    }
  }

  #origin(member: number): string {
    return `${this.#certificates ? "https" : "http"}://${this.#hosts[member]}:${CLIENT_PORT}`;
  }

  #tlsFlags(): string[] {
    if (this.#certificates === null) return [];
    const { ca, cert, key } = this.#certificates;
    return ["--client-cert-auth", "--trusted-ca-file", ca, "--cert-file", cert, "--key-file", key];
  }

  async #httpClient(): Promise<Deno.HttpClient> {
    if (this.#certificates === null) return Deno.createHttpClient({});
    const { ca, cert, key } = this.#certificates;
    const [caCert, ...pair] = await Promise.all([ca, cert, key].map((path) => Deno.readTextFile(path)));
    return Deno.createHttpClient({ caCerts: [caCert!], cert: pair[0]!, key: pair[1]! });
  }

  #dataFolder(member: number): string {
    return `${this.#folder}/m${member}`;
  }

  #logPath(member: number): string {
    return `${this.#folder}/m${member}.log`;
  }

  #logs(): string {
    return this.#hosts.map((_, member) => Deno.readTextFileSync(this.#logPath(member))).join("");
  }
}

/** All of 127/8 is this machine: addresses that nobody else has make their ports free, for all members and always. */
function randomHosts(count: number): string[] {
  const [a, b] = crypto.getRandomValues(new Uint8Array(2));
  return Array.from({ length: count }, (_, member) => `127.${a}.${b}.${member + 1}`);
}

interface MemberStatus {
  readonly member: string;
  readonly leader: string;
}
