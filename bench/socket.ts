/**
 * What a tick costs that is asked for over chronosd's socket.
 *
 * @module
 */
import { ChronosdProcess } from "../sim/chronosd_process.ts";
import type { BenchContext } from "./bench_context.ts";
import { DenoChild } from "./deno_child.ts";
import type { Figure, Group } from "./figure.ts";
import type { SocketTimes } from "./socket_client_child.ts";
import { median } from "./statistics.ts";

const ROUNDS = { usual: 7, long: 41 };
const ONE_BY_ONE_GOAL_MS = 0.1;
/** 50,000 a second. */
const PIPELINED_GOAL_US = 20;

/** Beside the echo server: chronosd as it is, and without V8's compiler, as its unit runs it. */
const DAEMONS = [
  { name: "", what: "chronosd", environment: {} },
  { name: "jitless_", what: "chronosd --jitless", environment: { DENO_V8_FLAGS: "--jitless" } },
] as const;

/** Times requests one by one and pipelined, by one client in a process of its own. */
export async function measureSocket({ isLong, progress }: BenchContext): Promise<Group> {
  progress.begin("ticks over a Unix socket");
  const rounds = isLong ? ROUNDS.long : ROUNDS.usual;
  await using stack = new AsyncDisposableStack();
  const daemons: ChronosdProcess[] = [];
  for (const { environment } of DAEMONS) {
    daemons.push(stack.use(await ChronosdProcess.start({ environment })));
  }
  const echoPath = `${daemons[0]!.folder}/echo.sock`;
  const echo = stack.use(
    new DenoChild<string>(new URL("./echo_server_child.ts", import.meta.url), [echoPath]),
  );
  await echo.next();
  const paths = [echoPath, ...daemons.map(({ socket }) => socket)];
  const [reference, ...own] = await takeTimes(paths, rounds, (done) => progress.advance(done));
  return {
    name: "socket",
    title:
      `ticks over a Unix socket, median of ${rounds} rounds that alternate with a server that only echoes`,
    figures: DAEMONS.flatMap(({ name, what }, index) => figuresOf(name, what, own[index]!, reference!)),
  };
}

/** The medians of each server's rounds, but for the first round, which warms them up. */
async function takeTimes(
  paths: readonly string[],
  rounds: number,
  onProgress: (done: number) => void,
): Promise<SocketTimes[]> {
  const module = new URL("./socket_client_child.ts", import.meta.url);
  await using client = new DenoChild<SocketTimes[]>(module, [rounds + 1, ...paths]);
  await client.next();
  const taken: SocketTimes[][] = [];
  await client.last((times) => {
    taken.push(times);
    onProgress(taken.length / rounds);
  });
  return paths.map((_, server) => ({
    oneByOneMs: median(taken.map((times) => times[server]!.oneByOneMs)),
    pipelinedUs: median(taken.map((times) => times[server]!.pipelinedUs)),
  }));
}

function figuresOf(name: string, what: string, own: SocketTimes, echo: SocketTimes): Figure[] {
  return [
    {
      name: `${name}one_by_one`,
      what: `${what}: one by one, p50`,
      value: own.oneByOneMs,
      unit: "ms",
      reference: { what: "echo", value: echo.oneByOneMs },
      goal: { of: "value", atMost: ONE_BY_ONE_GOAL_MS },
    },
    {
      name: `${name}pipelined`,
      what: `${what}: pipelined, per tick`,
      value: own.pipelinedUs,
      unit: "µs",
      reference: { what: "echo", value: echo.pipelinedUs },
      goal: { of: "value", atMost: PIPELINED_GOAL_US },
    },
  ];
}
