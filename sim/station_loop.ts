/**
 * The worker side of a simulated network element: a loop that blocks until a packet comes or one is due, so that
 * packets leave within microseconds of their time, which an event loop's millisecond timers cannot do.
 *
 * @module
 */
import { type MessagePort as NodeMessagePort, receiveMessageOnPort } from "node:worker_threads";
import { Clock, nowNs, readClockPair, setTimerSlack } from "../ffi/clocks.ts";
import { type Datagram, type SocketAddress, UdpSocket } from "../ffi/udp_socket.ts";

/** Something that takes packets in and sends packets later. */
export interface Station<Settings> extends Disposable {
  /** Where it can be reached. */
  readonly address: SocketAddress;
  /** All that it listens on; may change from turn to turn. */
  readonly sockets: readonly UdpSocket[];
  /** Behaves differently from now on. */
  configure(settings: Settings): void;
  /** Takes in what waits at the sockets, boundedly; returns how many packets of its kind there were. */
  receive(): number;
  /** Sends what is due; returns when the next packet is, on CLOCK_MONOTONIC_RAW, or null. */
  sendDue(): bigint | null;
}

/** What {@linkcode StationHost} gives its worker to begin with. */
export interface StationStart<Settings> {
  /** What cannot be changed later; the station knows its shape. */
  readonly parameters: unknown;
  readonly settings: Settings;
  /** New settings come in here; the address, one word for each new settings, and a last error go out. */
  readonly port: MessagePort;
  /** Indexed by {@linkcode SharedWord}. */
  readonly shared: Int32Array<SharedArrayBuffer>;
}

/** Words in the memory that both threads see. */
export const SharedWord = { STOP: 0, STOPPED: 1, RECEIVED: 2 } as const;
/** How many {@linkcode SharedWord} there are. */
export const SHARED_WORDS = 3;

/** The longest wait without a look at the main thread's wishes. */
const MAX_WAIT_MS = 5;
/** A sleeping thread is woken some 50 to 150 µs late, so the last stretch before a packet is due is spent awake. */
const AWAKE_MS = 0.2;
const MAX_SETTINGS_PER_TURN = 16;
const NANOSECONDS_PER_MILLISECOND = 1e6;
const TIMER_SLACK_NS = 1;

/** Makes this worker thread a station as soon as its host has said which, until the host stops it. */
export function runStation<Settings>(
  create: (parameters: unknown, settings: Settings) => Station<Settings>,
): void {
  addEventListener("message", (event) => {
    const start = (event as MessageEvent<StationStart<Settings>>).data;
    try {
      using station = create(start.parameters, start.settings);
      start.port.postMessage(station.address);
      setTimerSlack(TIMER_SLACK_NS);
      while (Atomics.load(start.shared, SharedWord.STOP) === 0) {
        applySettings(station, start.port);
        turn(station, start.shared);
      }
    } catch (error) {
      start.port.postMessage(error);
    } finally {
      start.port.close();
      Atomics.store(start.shared, SharedWord.STOPPED, 1);
      Atomics.notify(start.shared, SharedWord.STOPPED);
      self.close();
    }
  }, { once: true });
}

/** When a datagram came: the kernel's stamp carried to CLOCK_MONOTONIC_RAW; now, when there is none. */
export function arrivalRawNs({ receivedRealtimeNs }: Datagram): bigint {
  const { rawNs, realtimeNs } = readClockPair();
  return receivedRealtimeNs === null ? rawNs : rawNs - (realtimeNs - receivedRealtimeNs);
}

function applySettings<Settings>(station: Station<Settings>, port: MessagePort): void {
  for (let taken = 0; taken < MAX_SETTINGS_PER_TURN; taken++) {
    // The runtime's two kinds of port are one object; only the types differ.
    const received = receiveMessageOnPort(port as unknown as NodeMessagePort);
    if (received === undefined) return;
    station.configure((received as { readonly message: Settings }).message);
    port.postMessage("configured");
  }
}

function turn(station: Station<unknown>, shared: Int32Array<SharedArrayBuffer>): void {
  const dueRawNs = station.sendDue();
  const untilDueMs = dueRawNs === null
    ? MAX_WAIT_MS
    : Number(dueRawNs - nowNs(Clock.MONOTONIC_RAW)) / NANOSECONDS_PER_MILLISECOND;
  if (untilDueMs < AWAKE_MS) return stayAwake(untilDueMs);
  if (UdpSocket.waitAnySync(station.sockets, Math.min(untilDueMs - AWAKE_MS, MAX_WAIT_MS))) {
    Atomics.add(shared, SharedWord.RECEIVED, station.receive());
  }
}

/** Reads a clock that allocates nothing: a garbage collection takes longer than all of this. */
function stayAwake(durationMs: number): void {
  const end = performance.now() + durationMs;
  while (performance.now() < end);
}
