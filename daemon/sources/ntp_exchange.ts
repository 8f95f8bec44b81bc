/**
 * One question to one NTP server, and the wait for its answer.
 *
 * @module
 */
import { Clock, type ClockPair, nowNs, readClockPair } from "../../ffi/clocks.ts";
import { LibcError } from "../../ffi/errno.ts";
import { type Datagram, type SocketAddress, UdpSocket } from "../../ffi/udp_socket.ts";
import type { Exchange } from "./measurement.ts";
import { encodeClientRequest, parseNtpPacket } from "./ntp_packet.ts";
import { arrivalRawNs } from "./receive_stamp.ts";
import {
  checkReply,
  type IgnoredReason,
  type Question,
  type RejectedReason,
  type ReplyVerdict,
} from "./reply_check.ts";

/** Why an exchange gave nothing: the answer was of no use, or there was none. */
export type FailedReason =
  | RejectedReason
  | "timeout"
  | "refused"
  | "unreachable"
  | "socket-error"
  | "flooded"
  | "suspended"
  | "aborted";

/** How often each kind of packet came that was no answer; packets of several kinds may precede an answer. */
export type IgnoredCounts = ReadonlyMap<IgnoredReason, number>;

/** How an exchange ended. */
export type ExchangeOutcome =
  | { readonly kind: "measured"; readonly exchange: Exchange; readonly ignored: IgnoredCounts }
  | { readonly kind: "kiss"; readonly code: string; readonly ignored: IgnoredCounts }
  | {
    readonly kind: "failed";
    readonly reason: FailedReason;
    /** The kernel's words, where it gave any. */
    readonly detail: string | null;
    readonly ignored: IgnoredCounts;
  };

/** Whom to ask, and for how long. */
export interface ExchangeRequest {
  /** Identity for the {@linkcode Exchange}. */
  readonly source: string;
  readonly address: SocketAddress;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The part of {@linkcode UdpSocket} that an exchange uses. */
export type ExchangeSocket = Pick<UdpSocket, "send" | "waitReadable" | "receive"> & Disposable;

/** The outside world of an exchange. */
export interface ExchangeDependencies {
  /** A connected socket on a random local port (RFC 9109). */
  connect(remote: SocketAddress): ExchangeSocket;
  readClockPair(): ClockPair;
  nowRawNs(): bigint;
  /** How long the machine has been suspended since it booted. */
  suspendedNs(): bigint;
  /** 64 random bits, not all of them 0. */
  nonce(): bigint;
}

/** Packets looked at in one exchange; whoever sends more without an answer is flooding us. */
export const MAX_PACKETS_PER_EXCHANGE = 64;
/** A packet that does not fit is no answer to a question of 48 bytes. */
const RECEIVE_BUFFER_BYTES = 2048;
/** Two clock readings apart by less may just have been interrupted; no suspend is that short. */
const MIN_SUSPEND_NS = 100_000_000n;
const NANOSECONDS_PER_MILLISECOND = 1e6;

const SYSTEM: ExchangeDependencies = {
  connect: (remote) => UdpSocket.connect(remote),
  readClockPair,
  nowRawNs: () => nowNs(Clock.MONOTONIC_RAW),
  suspendedNs: () => nowNs(Clock.BOOTTIME) - nowNs(Clock.MONOTONIC),
  nonce() {
    const bits = crypto.getRandomValues(new BigUint64Array(1))[0]!;
    return bits === 0n ? 1n : bits;
  },
};

/** Asks `request.address` once. Resolves, and never rejects, for whatever a network can do. */
export async function ntpExchange(
  request: ExchangeRequest,
  dependencies: ExchangeDependencies = SYSTEM,
): Promise<ExchangeOutcome> {
  const ignored = new Map<IgnoredReason, number>();
  try {
    using socket = dependencies.connect(request.address);
    return await new OneExchange(request, dependencies, socket, ignored).run();
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    return { kind: "failed", reason: reasonOf(error), detail: error.message, ignored };
  }
}

/** An exchange under way: the socket, the question, and what has come so far. */
class OneExchange {
  readonly #request: ExchangeRequest;
  readonly #world: ExchangeDependencies;
  readonly #socket: ExchangeSocket;
  readonly #ignored: Map<IgnoredReason, number>;
  readonly #buffer = new Uint8Array(RECEIVE_BUFFER_BYTES);

  constructor(
    request: ExchangeRequest,
    world: ExchangeDependencies,
    socket: ExchangeSocket,
    ignored: Map<IgnoredReason, number>,
  ) {
    this.#request = request;
    this.#world = world;
    this.#socket = socket;
    this.#ignored = ignored;
  }

  async run(): Promise<ExchangeOutcome> {
    const { source, timeoutMs } = this.#request;
    const nonce = this.#world.nonce();
    const bytes = encodeClientRequest(nonce);
    const suspendedBeforeNs = this.#world.suspendedNs();
    const sent = this.#world.readClockPair();
    const t1RawNs = this.#world.nowRawNs();
    this.#socket.send(bytes);
    const outcome = await this.#awaitAnswer({ source, nonce, t1RawNs, timeoutMs }, sent);
    // CLOCK_MONOTONIC_RAW stands still during a suspend, so the answer is about a time that is over.
    const suspendedNs = this.#world.suspendedNs() - suspendedBeforeNs;
    return suspendedNs > MIN_SUSPEND_NS ? this.#failed("suspended") : outcome;
  }

  async #awaitAnswer(question: Question, sent: ClockPair): Promise<ExchangeOutcome> {
    for (let packets = 0; packets < MAX_PACKETS_PER_EXCHANGE; packets++) {
      const datagram = await this.#nextDatagram(question);
      if (typeof datagram === "string") return this.#failed(datagram);
      const verdict = this.#judge(datagram, question, sent);
      if (verdict.kind !== "ignored") return this.#outcomeOf(verdict);
      this.#ignored.set(verdict.reason, (this.#ignored.get(verdict.reason) ?? 0) + 1);
    }
    return this.#failed("flooded");
  }

  /** Looks before it waits: after a stall of this process the answer may be there although the time is up. */
  async #nextDatagram(question: Question): Promise<Datagram | "timeout" | "aborted"> {
    const { signal, timeoutMs } = this.#request;
    while (!signal?.aborted) {
      const datagram = this.#socket.receive(this.#buffer);
      if (datagram !== null) return datagram;
      const waitedMs = Number(this.#world.nowRawNs() - question.t1RawNs) / NANOSECONDS_PER_MILLISECOND;
      if (waitedMs >= timeoutMs) return "timeout";
      await this.#socket.waitReadable(timeoutMs - waitedMs, signal);
    }
    return "aborted";
  }

  #judge(datagram: Datagram, question: Question, sent: ClockPair): ReplyVerdict {
    const t4RawNs = arrivalRawNs(datagram.receivedRealtimeNs, sent, this.#world.readClockPair());
    if (datagram.truncated) return { kind: "ignored", reason: "oversized" };
    const parsed = parseNtpPacket(this.#buffer.subarray(0, datagram.byteLength));
    if (parsed.kind === "fault") return { kind: "ignored", reason: parsed.fault };
    return checkReply(parsed.packet, question, t4RawNs);
  }

  #outcomeOf(verdict: Exclude<ReplyVerdict, { kind: "ignored" }>): ExchangeOutcome {
    switch (verdict.kind) {
      case "accepted":
        return { kind: "measured", exchange: verdict.exchange, ignored: this.#ignored };
      case "kiss":
        return { kind: "kiss", code: verdict.code, ignored: this.#ignored };
      case "rejected":
        return this.#failed(verdict.reason);
    }
  }

  #failed(reason: FailedReason): ExchangeOutcome {
    return { kind: "failed", reason, detail: null, ignored: this.#ignored };
  }
}

/** No packet can leave towards there now: no route, no such family here, or a local rule forbids it. */
const UNREACHABLE_CODES: readonly string[] = [
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ENETDOWN",
  "EHOSTDOWN",
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
  "EACCES",
  "EPERM",
];

function reasonOf(error: LibcError): FailedReason {
  if (error.code === "ECONNREFUSED") return "refused";
  return UNREACHABLE_CODES.includes(error.code) ? "unreachable" : "socket-error";
}
