/**
 * What the daemon itself uses: the real one, measuring a server on loopback.
 *
 * @module
 */
import type { SimulatedNtpServer } from "../sim/ntp_server.ts";
import type { BenchContext } from "./bench_context.ts";
import { BenchDaemon, configText, startServer } from "./bench_daemon.ts";
import type { Figure, Group } from "./figure.ts";
import { cpuSecondsOf, residentBytesOf } from "./process_usage.ts";

/** What the daemon is to do, and the goals for its share of a core and its memory. */
interface Case {
  readonly name: string;
  readonly what: string;
  readonly frequencyHz: number;
  readonly hasModels: boolean;
  readonly cpuPercent: number;
  readonly megabytes: number;
}

const PLAIN = { hasModels: false, megabytes: 70 };
const CASES: readonly Case[] = [
  { ...PLAIN, name: "100", what: "100 Hz", frequencyHz: 100, cpuPercent: 1 },
  { ...PLAIN, name: "1000", what: "1000 Hz", frequencyHz: 1000, cpuPercent: 5 },
  {
    name: "models",
    what: "100 Hz with both models",
    frequencyHz: 100,
    hasModels: true,
    cpuPercent: 1,
    megabytes: 190,
  },
];
const MEASURE_SECONDS = { usual: 10, long: 60 };
/** By then the daemon has started, and V8 has compiled even what runs a hundred times a second. */
const SETTLE_SECONDS = 30;

interface Footprint {
  readonly cpuPercent: number;
  readonly residentMegabytes: number;
}

/** Share of a core and resident memory at 100 and 1000 Hz, and with both models. */
export async function measureDaemon({ isLong, progress }: BenchContext): Promise<Group> {
  const seconds = isLong ? MEASURE_SECONDS.long : MEASURE_SECONDS.usual;
  using server = await startServer();
  const figures: Figure[] = [];
  for (const one of CASES) {
    progress.begin(`the daemon at ${one.what}, ${seconds + SETTLE_SECONDS} s`);
    const footprint = await footprintOf(server, one, seconds);
    figures.push({
      name: `cpu_${one.name}`,
      what: `${one.what}: share of a core`,
      value: footprint.cpuPercent,
      unit: "%",
      goal: { of: "value", atMost: one.cpuPercent },
    }, {
      name: `memory_${one.name}`,
      what: `${one.what}: resident memory`,
      value: footprint.residentMegabytes,
      unit: "MB",
      goal: { of: "value", atMost: one.megabytes },
    });
  }
  return {
    name: "daemon",
    title: `the daemon measuring one server, over ${seconds} s after ${SETTLE_SECONDS} s`,
    figures,
  };
}

async function footprintOf(
  server: SimulatedNtpServer,
  { frequencyHz, hasModels }: Case,
  seconds: number,
): Promise<Footprint> {
  await using daemon = new BenchDaemon(configText(server, hasModels), frequencyHz);
  await daemon.ready();
  await pause(SETTLE_SECONDS);
  const beganMs = performance.now();
  const before = cpuSecondsOf(daemon.pid);
  await pause(seconds);
  const used = cpuSecondsOf(daemon.pid) - before;
  return {
    cpuPercent: (100 * used) / ((performance.now() - beganMs) / 1000),
    residentMegabytes: residentBytesOf(daemon.pid) / 1e6,
  };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
}
