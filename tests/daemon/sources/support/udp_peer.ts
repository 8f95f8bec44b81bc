import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** What a peer sends back, possibly later, possibly from another port than the one that was asked. */
export interface PeerReply {
  readonly bytes: Uint8Array;
  readonly delayMs?: number;
  readonly fromOtherPort?: boolean;
}

/** One question as it arrived. */
export interface PeerRequest {
  readonly bytes: Uint8Array;
  readonly port: number;
}

/** A UDP server on loopback that answers by a script, written without the code under test. */
export class UdpPeer implements AsyncDisposable {
  readonly requests: PeerRequest[] = [];
  readonly #socket: Socket;
  readonly #otherSocket: Socket;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  private constructor(socket: Socket, otherSocket: Socket) {
    this.#socket = socket;
    this.#otherSocket = otherSocket;
  }

  static async start(
    respond: (request: Uint8Array) => readonly PeerReply[],
    hostname = "127.0.0.1",
  ): Promise<UdpPeer> {
    const family = hostname.includes(":") ? "udp6" : "udp4";
    const peer = new UdpPeer(createSocket(family), createSocket(family));
    for (const socket of [peer.#socket, peer.#otherSocket]) {
      socket.bind(0, hostname);
      await once(socket, "listening");
    }
    peer.#socket.on("message", (message, from) => {
      const request = new Uint8Array(message);
      peer.requests.push({ bytes: request, port: from.port });
      for (const reply of respond(request)) peer.#send(reply, from.port, from.address);
    });
    return peer;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  #send(reply: PeerReply, port: number, address: string): void {
    const socket = reply.fromOtherPort ? this.#otherSocket : this.#socket;
    const send = () => socket.send(reply.bytes, port, address);
    if (reply.delayMs === undefined) return send();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      send();
    }, reply.delayMs);
    this.#timers.add(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    const closed = [once(this.#socket, "close"), once(this.#otherSocket, "close")];
    this.#socket.close();
    this.#otherSocket.close();
    await Promise.all(closed);
  }
}

/** Fields of a reply that a test may want different from a good one. */
export interface ReplyFields {
  readonly firstByte?: number;
  readonly stratum?: number;
  readonly kiss?: string;
  readonly origin?: Uint8Array;
  readonly trailer?: Uint8Array;
}

const UNIX_TO_NTP_SECONDS = 2_208_988_800;

/** A good stratum-2 answer to `request` with the system's time, laid out after RFC 5905 figure 8. */
export function replyTo(request: Uint8Array, fields: ReplyFields = {}): Uint8Array {
  const trailer = fields.trailer ?? new Uint8Array(0);
  const bytes = new Uint8Array(48 + trailer.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, fields.firstByte ?? 0b00_100_100);
  view.setUint8(1, fields.stratum ?? 2);
  view.setInt8(3, -20);
  view.setUint32(4, 0x0000_0100);
  view.setUint32(8, 0x0000_0200);
  bytes.set(new TextEncoder().encode(fields.kiss ?? "GPS\0"), 12);
  bytes.set(fields.origin ?? request.subarray(40, 48), 24);
  const nowSeconds = Date.now() / 1000;
  for (const offset of [32, 40]) {
    view.setUint32(offset, Math.floor(nowSeconds) + UNIX_TO_NTP_SECONDS);
    view.setUint32(offset + 4, Math.floor((nowSeconds % 1) * 2 ** 32));
  }
  bytes.set(trailer, 48);
  return bytes;
}
