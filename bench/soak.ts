/**
 * Whether a daemon grows: half an hour of it at the usual rate with its models, and at the highest rate without.
 *
 * @module
 */
import type { BenchContext } from "./bench_context.ts";
import { BenchDaemon, configText, startServer } from "./bench_daemon.ts";
import type { Figure, Group } from "./figure.ts";
import { cpuSecondsOf, residentBytesOf } from "./process_usage.ts";

/** What a daemon is to do all the time. */
interface Case {
  readonly name: string;
  readonly what: string;
  readonly frequencyHz: number;
  readonly hasModels: boolean;
}

const CASES: readonly Case[] = [
  { name: "models", what: "100 Hz with both models", frequencyHz: 100, hasModels: true },
  { name: "1000", what: "1000 Hz", frequencyHz: 1000, hasModels: false },
];
/** By then all is loaded, compiled and warm. */
const SETTLE_SECONDS = 300;
const SOAK_SECONDS = 1800;
/** More than the garbage collector's own breathing. */
const MOST_GROWTH = 1.1;
const STEP_SECONDS = 10;

/** A daemon at one instant. */
interface Usage {
  readonly cpuSeconds: number;
  readonly megabytes: number;
}

/** Memory after half an hour over that after five minutes, and the share of a core in between. */
export async function measureSoak({ progress }: BenchContext): Promise<Group> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startServer());
  const daemons = CASES.map(({ hasModels, frequencyHz }) =>
    stack.use(new BenchDaemon(configText(server, hasModels), frequencyHz))
  );
  await Promise.all(daemons.map((daemon) => daemon.ready()));
  progress.begin(`daemons at work for ${SOAK_SECONDS / 60} minutes`);
  const began = performance.now();
  const until = async (seconds: number) => {
    for (let at = 0; at < seconds; at = (performance.now() - began) / 1000) {
      progress.advance(at / SOAK_SECONDS);
      await pause(Math.min(STEP_SECONDS, seconds - at));
    }
    return daemons.map(usageOf);
  };
  const settled = await until(SETTLE_SECONDS);
  const ended = await until(SOAK_SECONDS);
  return {
    name: "soak",
    title: `${SOAK_SECONDS / 60} minutes of two daemons`,
    figures: CASES.flatMap((one, index) => figuresOf(one, settled[index]!, ended[index]!)),
  };
}

function figuresOf({ name, what }: Case, settled: Usage, ended: Usage): Figure[] {
  const seconds = SOAK_SECONDS - SETTLE_SECONDS;
  return [{
    name: `growth_${name}`,
    what: `${what}: resident memory at the end`,
    value: ended.megabytes,
    unit: "MB",
    reference: { what: `after ${SETTLE_SECONDS / 60} minutes`, value: settled.megabytes },
    goal: { of: "ratio", atMost: MOST_GROWTH },
  }, {
    name: `cpu_${name}`,
    what: `${what}: share of a core`,
    value: (100 * (ended.cpuSeconds - settled.cpuSeconds)) / seconds,
    unit: "%",
  }];
}

function usageOf({ pid }: BenchDaemon): Usage {
  return { cpuSeconds: cpuSecondsOf(pid), megabytes: residentBytesOf(pid) / 1e6 };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
}
