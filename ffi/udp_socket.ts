/**
 * UDP with the kernel's receive timestamps (SO_TIMESTAMPNS), IPv4 and IPv6.
 *
 * A packet waits 50 to 125 µs before JavaScript sees it; the kernel's stamp takes that wait out of the measurement.
 *
 * @module
 */
import { checked, Errno, lastErrno, LibcError } from "./errno.ts";
import { FileDescriptor } from "./files.ts";
import { libc } from "./libc.ts";
import { MAX_POLL_MS, pollFor, waitReadable } from "./poll.ts";
import {
  decodeSocketAddress,
  encodeSocketAddress,
  SOCKET_ADDRESS_BYTES,
  type SocketAddress,
} from "./socket_address.ts";

export type { SocketAddress } from "./socket_address.ts";

/** What {@linkcode UdpSocket.receive} says of the packet that it put into the buffer. */
export interface Datagram {
  /** Bytes in the buffer. */
  readonly byteLength: number;
  /** The packet was longer than the buffer. */
  readonly truncated: boolean;
  /** When the kernel received it, on CLOCK_REALTIME; null when the kernel did not say. */
  readonly receivedRealtimeNs: bigint | null;
  readonly from: SocketAddress;
}

const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_TIMESTAMPNS = 35;
const SHUT_RDWR = 2;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;

const MSGHDR_BYTES = 56;
const MSGHDR = {
  name: 0,
  nameLength: 8,
  vector: 16,
  vectorLength: 24,
  control: 32,
  controlLength: 40,
  flags: 48,
};
const CONTROL_BYTES = 64;
const CMSG = { length: 0, level: 8, type: 12, data: 16 };
const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/** One UDP socket. Sending and receiving never block; `waitReadable` waits without blocking the event loop. */
export class UdpSocket implements Disposable {
  readonly #file: FileDescriptor;
  readonly #message = new ReceiveMessage();
  #pendingPolls = 0;
  #closed = false;
  /** The address the kernel gave this socket. */
  readonly localAddress: SocketAddress;

  private constructor(file: FileDescriptor, localAddress: SocketAddress) {
    this.#file = file;
    this.localAddress = localAddress;
  }

  /**
   * A socket on a random local port that talks to one remote address and hears no other.
   *
   * @throws {LibcError} no route, or no such address family
   */
  static connect(remote: SocketAddress): UdpSocket {
    return UdpSocket.#open(remote, (fd, address) =>
      checked(
        libc.connect(fd, address, address.length),
        `reach ${remote.hostname} port ${remote.port}`,
      ));
  }

  /** A socket on the given local address; port 0 lets the kernel choose. */
  static bind(local: SocketAddress): UdpSocket {
    return UdpSocket.#open(local, (fd, address) =>
      checked(
        libc.bind(fd, address, address.length),
        `listen on ${local.hostname} port ${local.port}`,
      ));
  }

  static #open(
    address: SocketAddress,
    attach: (fd: number, address: Uint8Array<ArrayBuffer>) => void,
  ): UdpSocket {
    const { family, bytes } = encodeSocketAddress(address);
    const fd = libc.socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const file = new FileDescriptor(checked(fd, "open a UDP socket"));
    try {
      const on = new Uint8Array(new Int32Array([1]).buffer);
      checked(libc.setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, on, on.length), "ask for receive timestamps");
      attach(fd, bytes);
      return new UdpSocket(file, localAddressOf(fd));
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Sends one packet, to the connected address unless `to` is given.
   *
   * @throws {LibcError} the kernel refused it (an earlier ICMP "port unreachable" is reported here too)
   */
  send(bytes: Uint8Array<ArrayBuffer>, to?: SocketAddress): void {
    const address = to === undefined ? null : encodeSocketAddress(to).bytes;
    const sent = libc.sendto(this.#file.value, bytes, BigInt(bytes.length), 0, address, address?.length ?? 0);
    checked(sent, "send a UDP packet");
  }

  /**
   * Resolves true when a packet (or an error to be fetched) waits, false at the timeout, on abort or on close. An
   * abort ends the socket's use: it can only be closed then.
   */
  async waitReadable(timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.#closed || signal?.aborted) return false;
    const poll = pollFor([this.#file.value]);
    // Shutting the socket down is what wakes a poll on another thread.
    const wake = () => libc.shutdown(this.#file.value, SHUT_RDWR);
    signal?.addEventListener("abort", wake, { once: true });
    this.#pendingPolls++;
    try {
      const ready = await libc.pollAsync(poll, 1n, Math.min(Math.ceil(timeoutMs), MAX_POLL_MS));
      return ready > 0 && !this.#closed && !signal?.aborted;
    } finally {
      signal?.removeEventListener("abort", wake);
      this.#pendingPolls--;
      this.#closeWhenIdle();
    }
  }

  /** As {@linkcode waitReadable}, blocking this thread: for workers that have nothing else to do. */
  waitReadableSync(timeoutMs: number): boolean {
    return UdpSocket.waitAnySync([this], timeoutMs);
  }

  /** Blocks this thread until one of `sockets` is readable: true; or the timeout, precise to the timer slack: false. */
  static waitAnySync(sockets: readonly UdpSocket[], timeoutMs: number): boolean {
    return waitReadable(sockets.map((socket) => socket.#file.value), timeoutMs);
  }

  /**
   * Takes one waiting packet into `buffer`; null when none waits.
   *
   * @throws {LibcError} the kernel reports an error of the socket, such as ECONNREFUSED
   */
  receive(buffer: Uint8Array<ArrayBuffer>): Datagram | null {
    const message = this.#message.prepare(buffer);
    const received = libc.recvmsg(this.#file.value, message, MSG_DONTWAIT);
    if (received < 0) {
      const errno = lastErrno();
      if (errno === Errno.EAGAIN || errno === Errno.EINTR) return null;
      throw new LibcError("receive a UDP packet", errno);
    }
    return this.#message.datagram(Number(received));
  }

  /** Closes the socket; waits that are under way end first. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#pendingPolls > 0) libc.shutdown(this.#file.value, SHUT_RDWR);
    this.#closeWhenIdle();
  }

  /** A descriptor closed under a poll could be reused by another socket: the last poll to return closes it. */
  #closeWhenIdle(): void {
    if (this.#closed && this.#pendingPolls === 0) this.#file[Symbol.dispose]();
  }
}

/** The `msghdr` of `recvmsg` with its address and control buffers, laid out once. */
class ReceiveMessage {
  readonly #bytes = new Uint8Array(MSGHDR_BYTES);
  readonly #header = new DataView(this.#bytes.buffer);
  readonly #address = new Uint8Array(SOCKET_ADDRESS_BYTES);
  readonly #vector = new BigUint64Array(2);
  readonly #control = new Uint8Array(CONTROL_BYTES);

  /** Points the header at `buffer`; this object must outlive the call that uses it. */
  prepare(buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    // SAFETY: recvmsg writes only during the call, into buffers that this object and the caller hold.
    this.#vector[0] = addressOf(buffer);
    this.#vector[1] = BigInt(buffer.length);
    this.#header.setBigUint64(MSGHDR.name, addressOf(this.#address), true);
    this.#header.setUint32(MSGHDR.nameLength, this.#address.length, true);
    this.#header.setBigUint64(MSGHDR.vector, addressOf(this.#vector), true);
    this.#header.setBigUint64(MSGHDR.vectorLength, 1n, true);
    this.#header.setBigUint64(MSGHDR.control, addressOf(this.#control), true);
    this.#header.setBigUint64(MSGHDR.controlLength, BigInt(CONTROL_BYTES), true);
    this.#header.setInt32(MSGHDR.flags, 0, true);
    return this.#bytes;
  }

  datagram(byteLength: number): Datagram {
    return {
      byteLength,
      truncated: (this.#header.getInt32(MSGHDR.flags, true) & MSG_TRUNC) !== 0,
      receivedRealtimeNs: this.#receiveStamp(),
      from: decodeSocketAddress(this.#address),
    };
  }

  #receiveStamp(): bigint | null {
    const length = Number(this.#header.getBigUint64(MSGHDR.controlLength, true));
    const control = new DataView(this.#control.buffer);
    if (length < CMSG.data + 16) return null;
    if (control.getInt32(CMSG.level, true) !== SOL_SOCKET) return null;
    if (control.getInt32(CMSG.type, true) !== SO_TIMESTAMPNS) return null;
    const seconds = control.getBigInt64(CMSG.data, true);
    return seconds * NANOSECONDS_PER_SECOND + control.getBigInt64(CMSG.data + 8, true);
  }
}

function addressOf(buffer: Uint8Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer));
}

function localAddressOf(fd: number): SocketAddress {
  const bytes = new Uint8Array(SOCKET_ADDRESS_BYTES);
  const length = new Uint8Array(new Uint32Array([bytes.length]).buffer);
  checked(libc.getsockname(fd, bytes, length), "read the socket's address");
  return decodeSocketAddress(bytes);
}
