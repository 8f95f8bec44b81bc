/**
 * chronyd and the daemon side by side in real time, asking the same servers through the same bad network.
 *
 * @module
 */
import { stringify } from "@std/yaml";
import { ChronoTickError } from "../../record/errors.ts";
import { ChronoTickClient } from "../../client/client.ts";
import { Clock, nowNs, readClockPair } from "../../ffi/clocks.ts";
import type { SocketAddress } from "../../ffi/socket_address.ts";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import type { Scenario } from "../../sim/world/scenario.ts";
import { LiveChronyd, roundTripNs } from "./live_chronyd.ts";
import { LiveWorld } from "./live_world.ts";

/** What is to be run: one network, with one of each. */
export interface HeadToHeadPlan {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly seconds: number;
  /** The path of chronyd. */
  readonly chronyd: string;
  /** Told how far it has come, 0 to 1. */
  readonly onProgress: (fraction: number) => void;
}

/** What one of the two said at an instant. */
export interface LiveReading {
  /** Since the start. */
  readonly atSeconds: number;
  /** Its time − true UTC, s. */
  readonly errorSeconds: number;
  /** The most that it says it may be off, s. */
  readonly boundSeconds: number;
  /** How well its time could be read: no worse than this, s. */
  readonly readWithinSeconds: number;
}

/** Both at one instant. */
export interface LivePair {
  readonly chronyd: LiveReading;
  readonly chronotick: LiveReading;
}

/** The whole run on one network. */
export interface HeadToHeadRun {
  /** Instants at which both had a time. */
  readonly pairs: readonly LivePair[];
  /** Instants at which they were asked. */
  readonly instants: number;
  /** Questions that the servers were asked by both. */
  readonly questions: number;
  /** How much faster than CLOCK_MONOTONIC_RAW this machine's CLOCK_REALTIME ran, s/s: what steered it. */
  readonly realtimeFrequency: number;
}

/** Both ask every server every 2^this seconds. */
export const POLL_EXPONENT = 1;
/** Both are asked for the time so often, s. */
const READ_SECONDS = 0.5;
const READ_ATTEMPTS = 4;

/** Runs both from their start until `seconds` later. */
export async function runHeadToHead(plan: HeadToHeadPlan): Promise<HeadToHeadRun> {
  using world = await LiveWorld.start(plan.scenario, plan.seed, plan.seconds);
  await using chronyd = await LiveChronyd.start({
    program: plan.chronyd,
    servers: world.addresses,
    pollExponent: POLL_EXPONENT,
  });
  await using daemon = await DaemonProcess.start({ config: configOf(world.addresses) });
  using client = new ChronoTickClient({ shmName: daemon.shmName });
  const before = readClockPair();
  const began = performance.now();
  const elapsedSeconds = () => (performance.now() - began) / 1000;
  const pairs: LivePair[] = [];
  let instants = 0;
  for (; elapsedSeconds() < plan.seconds; instants++) {
    await pauseUntil(began + instants * READ_SECONDS * 1000);
    const atSeconds = elapsedSeconds();
    await world.advance(atSeconds);
    const pair = await readBoth(world, chronyd, client, atSeconds);
    if (pair !== null) pairs.push(pair);
    plan.onProgress(atSeconds / plan.seconds);
  }
  const after = readClockPair();
  const realtimeFrequency = Number(after.realtimeNs - before.realtimeNs) /
      Number(after.rawNs - before.rawNs) - 1;
  return { pairs, instants, questions: world.questions, realtimeFrequency };
}

/** The daemon asks as often as chronyd does, from the start. */
function configOf(servers: readonly SocketAddress[]): string {
  const intervalSeconds = 2 ** POLL_EXPONENT;
  return stringify({
    ntp: {
      servers: servers.map(({ hostname, port }) => `${hostname}:${port}`),
      timeout_seconds: 1,
      warmup: { duration_seconds: 20, interval_seconds: intervalSeconds },
      interval_seconds: intervalSeconds,
    },
  });
}

async function readBoth(
  world: LiveWorld,
  chronyd: LiveChronyd,
  client: ChronoTickClient,
  atSeconds: number,
): Promise<LivePair | null> {
  const theirs = await readChronyd(world, chronyd, atSeconds);
  const ours = readDaemon(world, client, atSeconds);
  return theirs === null || ours === null ? null : { chronyd: theirs, chronotick: ours };
}

async function readChronyd(
  world: LiveWorld,
  chronyd: LiveChronyd,
  atSeconds: number,
): Promise<LiveReading | null> {
  const exchange = await chronyd.ask();
  if (exchange === null) return null;
  const { t1RawNs, t2UtcNs, t3UtcNs, t4RawNs, rootDelaySeconds, rootDispersionSeconds } = exchange;
  const truthNs = world.utcAt(t1RawNs + (t4RawNs - t1RawNs) / 2n);
  return {
    atSeconds,
    errorSeconds: Number(t2UtcNs + (t3UtcNs - t2UtcNs) / 2n - truthNs) / 1e9,
    boundSeconds: rootDelaySeconds / 2 + rootDispersionSeconds,
    readWithinSeconds: roundTripNs(exchange) / 2e9,
  };
}

/** Between two readings of the raw clock; of some attempts the tightest. */
function readDaemon(world: LiveWorld, client: ChronoTickClient, atSeconds: number): LiveReading | null {
  let best: LiveReading | null = null;
  for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
    const before = nowNs(Clock.MONOTONIC_RAW);
    const now = timeOf(client);
    const after = nowNs(Clock.MONOTONIC_RAW);
    if (now === null) return null;
    const utcNs = BigInt(now.time.seconds) * 1_000_000_000n + BigInt(now.time.nanoseconds);
    const reading = {
      atSeconds,
      errorSeconds: Number(utcNs - world.utcAt(before + (after - before) / 2n)) / 1e9,
      boundSeconds: now.maxErrorSeconds,
      readWithinSeconds: Number(after - before) / 2e9,
    };
    if (best === null || reading.readWithinSeconds < best.readWithinSeconds) best = reading;
  }
  return best;
}

/** Null while there is no valid time. */
function timeOf(client: ChronoTickClient): ReturnType<ChronoTickClient["getTime"]> | null {
  try {
    return client.getTime();
  } catch (error) {
    if (error instanceof ChronoTickError) return null;
    throw error;
  }
}

function pauseUntil(atMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - performance.now())));
}
