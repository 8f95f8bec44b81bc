/**
 * The worker of {@linkcode SimulatedNtpServer}: socket, clock and replies under way.
 *
 * @module
 */
import { Clock, nowNs } from "../ffi/clocks.ts";
import { type SocketAddress, UdpSocket } from "../ffi/udp_socket.ts";
import type { NtpPacket } from "../daemon/sources/ntp_packet.ts";
import { SimulatedClock } from "./clock.ts";
import { DueQueue } from "./due_queue.ts";
import type { ServerParameters } from "./ntp_server.ts";
import { drawDelayNs } from "./path.ts";
import { Random } from "./random.ts";
import { buildReply, parseRequest } from "./server_reply.ts";
import type { ServerSettings } from "./server_settings.ts";
import { arrivalRawNs, runStation, type Station } from "./station_loop.ts";

/** Replies under way at once; a request that finds as many is lost. */
const MAX_IN_FLIGHT = 1024;
/** Packets taken in before replies that are due get their turn. */
const MAX_BURST = 64;
/** Longer than any request that is answered. */
const REQUEST_BYTES = 2048;
const NANOSECONDS_PER_SECOND = 1e9;

/** A request that has been received and waits for its reply to be sent. */
interface PendingReply {
  readonly to: SocketAddress;
  readonly request: NtpPacket;
  readonly receivedUtcNs: bigint;
  readonly inboundNs: bigint;
}

class ServerStation implements Station<ServerSettings> {
  readonly #socket: UdpSocket;
  readonly sockets: readonly UdpSocket[];
  readonly #buffer = new Uint8Array(REQUEST_BYTES);
  readonly #pending = new DueQueue<PendingReply>(MAX_IN_FLIGHT);
  readonly #outboundRandom: Random;
  readonly #inboundRandom: Random;
  readonly #replyRandom: Random;
  #settings: ServerSettings;
  #clock: SimulatedClock;

  constructor({ local, seed }: ServerParameters, settings: ServerSettings) {
    this.#socket = UdpSocket.bind(local);
    this.sockets = [this.#socket];
    const random = new Random(seed);
    this.#outboundRandom = random.fork();
    this.#inboundRandom = random.fork();
    this.#replyRandom = random.fork();
    this.#settings = settings;
    this.#clock = new SimulatedClock(settings.clock);
  }

  get address(): SocketAddress {
    return this.#socket.localAddress;
  }

  configure(settings: ServerSettings): void {
    this.#settings = settings;
    this.#clock = new SimulatedClock(settings.clock);
  }

  receive(): number {
    let requests = 0;
    for (let taken = 0; taken < MAX_BURST; taken++) {
      const datagram = this.#socket.receive(this.#buffer);
      if (datagram === null) break;
      const request = parseRequest(this.#buffer.subarray(0, datagram.byteLength));
      if (request === null || datagram.truncated) continue;
      requests++;
      this.#admit(request, datagram.from, arrivalRawNs(datagram));
    }
    return requests;
  }

  sendDue(): bigint | null {
    for (let sent = 0; sent < MAX_IN_FLIGHT; sent++) {
      const nowRawNs = nowNs(Clock.MONOTONIC_RAW);
      const pending = this.#pending.popDue(nowRawNs);
      if (pending === null) break;
      this.#reply(pending, nowRawNs);
    }
    return this.#pending.nextDueNs;
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }

  #admit(request: NtpPacket, from: SocketAddress, arrivedRawNs: bigint): void {
    const { path, processingSeconds } = this.#settings;
    const outboundNs = drawDelayNs(path.outbound, this.#outboundRandom);
    const inboundNs = drawDelayNs(path.inbound, this.#inboundRandom);
    if (outboundNs === null || inboundNs === null) return;
    const receivedRawNs = arrivedRawNs + outboundNs;
    const processingNs = BigInt(Math.round(processingSeconds * NANOSECONDS_PER_SECOND));
    this.#pending.push(receivedRawNs + processingNs + inboundNs, {
      to: from,
      request,
      receivedUtcNs: this.#clock.utcAt(receivedRawNs),
      inboundNs,
    });
  }

  /**
   * Stamps the departure one inbound delay ago. That it is some microseconds late is thereby processing time, which
   * the protocol takes out, and the path is exactly as drawn.
   */
  #reply({ to, request, receivedUtcNs, inboundNs }: PendingReply, nowRawNs: bigint): void {
    const stamps = { receivedUtcNs, sentUtcNs: this.#clock.utcAt(nowRawNs - inboundNs) };
    const reply = buildReply(request, stamps, this.#settings, this.#replyRandom);
    if (reply !== null) this.#socket.send(reply, to);
  }
}

runStation<ServerSettings>((parameters, settings) =>
  new ServerStation(parameters as ServerParameters, settings)
);
