/**
 * The worker of {@linkcode UdpRelay}: one socket for all clients, one towards the target for each of them.
 *
 * @module
 */
import { Clock, nowNs } from "../ffi/clocks.ts";
import { LibcError } from "../ffi/errno.ts";
import { type SocketAddress, UdpSocket } from "../ffi/udp_socket.ts";
import { DueQueue } from "./due_queue.ts";
import { drawDelayNs } from "./path.ts";
import { Random } from "./random.ts";
import { arrivalRawNs, runStation, type Station } from "./station_loop.ts";
import type { RelayParameters, RelaySettings, RelayWay } from "./udp_relay.ts";

/** Clients served at once; the one that has been quiet longest makes room for a new one. */
const MAX_CLIENTS = 64;
/** Packets under way at once; the relay loses what comes on top. */
const MAX_IN_FLIGHT = 4096;
/** Packets taken from one socket before those that are due get their turn. */
const MAX_BURST = 64;
/** The largest UDP payload. */
const PACKET_BYTES = 65_507;

type Direction = keyof RelaySettings;

/** One client's way through the relay. */
class Flow implements Disposable {
  readonly client: SocketAddress;
  readonly upstream: UdpSocket;
  /** When the last packet that keeps its order is due, by direction. */
  readonly lastDueNs: Record<Direction, bigint> = { outbound: 0n, inbound: 0n };
  isOpen = true;

  constructor(client: SocketAddress, target: SocketAddress) {
    this.client = client;
    this.upstream = UdpSocket.connect(target);
  }

  [Symbol.dispose](): void {
    this.isOpen = false;
    this.upstream[Symbol.dispose]();
  }
}

interface PacketUnderWay {
  readonly flow: Flow;
  readonly direction: Direction;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

class RelayStation implements Station<RelaySettings> {
  readonly #front: UdpSocket;
  readonly #target: SocketAddress;
  readonly #random: Record<Direction, Random>;
  /** By the client's address, the longest quiet first. */
  readonly #flows = new Map<string, Flow>();
  readonly #underWay = new DueQueue<PacketUnderWay>(MAX_IN_FLIGHT);
  readonly #buffer = new Uint8Array(PACKET_BYTES);
  #settings: RelaySettings;

  constructor({ local, target, seed }: RelayParameters, settings: RelaySettings) {
    this.#front = UdpSocket.bind(local);
    this.#target = target;
    const random = new Random(seed);
    this.#random = { outbound: random.fork(), inbound: random.fork() };
    this.#settings = settings;
  }

  get address(): SocketAddress {
    return this.#front.localAddress;
  }

  get sockets(): readonly UdpSocket[] {
    return [this.#front, ...this.#flows.values().map((flow) => flow.upstream)];
  }

  configure(settings: RelaySettings): void {
    this.#settings = settings;
  }

  receive(): number {
    let packets = this.#drain(this.#front, (from) => this.#flowOf(from), "outbound");
    for (const flow of this.#flows.values()) packets += this.#drain(flow.upstream, () => flow, "inbound");
    return packets;
  }

  sendDue(): bigint | null {
    for (let sent = 0; sent < MAX_IN_FLIGHT; sent++) {
      const packet = this.#underWay.popDue(nowNs(Clock.MONOTONIC_RAW));
      if (packet === null) break;
      this.#send(packet);
    }
    return this.#underWay.nextDueNs;
  }

  [Symbol.dispose](): void {
    this.#front[Symbol.dispose]();
    for (const flow of this.#flows.values()) flow[Symbol.dispose]();
  }

  #drain(socket: UdpSocket, flowOf: (from: SocketAddress) => Flow, direction: Direction): number {
    for (let packets = 0; packets < MAX_BURST; packets++) {
      const datagram = ignoringRefusal(() => socket.receive(this.#buffer));
      if (datagram === null) return packets;
      const bytes = this.#buffer.slice(0, datagram.byteLength);
      const arrivedNs = arrivalRawNs(datagram);
      this.#admit({ flow: flowOf(datagram.from), direction, bytes }, arrivedNs);
    }
    return MAX_BURST;
  }

  #admit(packet: PacketUnderWay, arrivedNs: bigint): void {
    const way = this.#settings[packet.direction];
    const random = this.#random[packet.direction];
    const delayNs = drawDelayNs(way, random);
    const copyDelayNs = drawDelayNs(way, random);
    const isDuplicated = random.uniform() < (way.duplicateProbability ?? 0);
    const isHeldBack = random.uniform() < (way.reorderProbability ?? 0);
    if (delayNs !== null) this.#schedule(packet, arrivedNs + delayNs, isHeldBack ? way : null);
    if (isDuplicated && copyDelayNs !== null) this.#schedule(packet, arrivedNs + copyDelayNs, null);
  }

  /** `heldBackOn` is the way whose floor the packet takes once more, outside the order. */
  #schedule(packet: PacketUnderWay, dueNs: bigint, heldBackOn: RelayWay | null): void {
    if (heldBackOn !== null) {
      this.#underWay.push(dueNs + BigInt(Math.round(heldBackOn.delaySeconds * 1e9)), packet);
      return;
    }
    const { lastDueNs } = packet.flow;
    const inOrderNs = dueNs > lastDueNs[packet.direction] ? dueNs : lastDueNs[packet.direction];
    lastDueNs[packet.direction] = inOrderNs;
    this.#underWay.push(inOrderNs, packet);
  }

  #send({ flow, direction, bytes }: PacketUnderWay): void {
    if (!flow.isOpen) return;
    if (direction === "inbound") this.#front.send(bytes, flow.client);
    else ignoringRefusal(() => flow.upstream.send(bytes));
  }

  #flowOf(client: SocketAddress): Flow {
    const key = `${client.hostname}|${client.port}`;
    const flow = this.#flows.get(key) ?? new Flow(client, this.#target);
    this.#flows.delete(key);
    this.#flows.set(key, flow);
    if (this.#flows.size > MAX_CLIENTS) {
      const [quietest, evicted] = this.#flows.entries().next().value!;
      this.#flows.delete(quietest);
      evicted[Symbol.dispose]();
    }
    return flow;
  }
}

/** Nobody listening at the target is how a dead server looks: its packets are lost, the relay lives. */
function ignoringRefusal<Result>(operation: () => Result): Result | null {
  try {
    return operation();
  } catch (error) {
    if (error instanceof LibcError && error.code === "ECONNREFUSED") return null;
    throw error;
  }
}

runStation<RelaySettings>((parameters, settings) =>
  new RelayStation(parameters as RelayParameters, settings)
);
