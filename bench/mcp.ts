/**
 * What it costs an agent to ask for the time over MCP.
 *
 * @module
 */
import { bundleScript } from "../packaging/script_bundle.ts";
import type { BenchContext } from "./bench_context.ts";
import type { Group } from "./figure.ts";
import { LivePublisher } from "./live_publisher.ts";
import { McpProcess } from "./mcp_process.ts";
import { median } from "./statistics.ts";

const STARTS = { usual: 11, long: 51 };
const CALLS = { usual: 4000, long: 40_000 };
/** Calls of one server before the other one has its turn. */
const TURN = 500;
/** V8 has settled by then. */
const WARM_UP_CALLS = 1000;
const FREQUENCY_HZ = 100;
const START_GOAL_MS = 150;
const CALL_GOAL_MS = 0.25;

/** What is measured and its reference, each as one script. */
interface Scripts {
  readonly chronotick: string;
  readonly echo: string;
}

/** Times the start up to the handshake's answer, and the round trip of `get_time`, beside a bare server. */
export async function measureMcp({ isLong, progress }: BenchContext): Promise<Group> {
  const folder = await Deno.makeTempDir({ prefix: "chronotick-bench-" });
  try {
    progress.begin("bundling the MCP server and a bare one");
    const scripts = {
      chronotick: await bundle("../mcp/main.ts", `${folder}/chronotick.js`),
      echo: await bundle("../bench/mcp_echo_server.ts", `${folder}/echo.js`),
    };
    await using publisher = await LivePublisher.start(FREQUENCY_HZ);
    const starts = isLong ? STARTS.long : STARTS.usual;
    progress.begin("starting MCP servers");
    const start = await timeStarts(scripts, publisher.shmName, starts);
    const calls = isLong ? CALLS.long : CALLS.usual;
    progress.begin("asking MCP servers");
    const call = await timeCalls(scripts, publisher.shmName, calls);
    return {
      name: "mcp",
      title:
        `MCP over stdio from the bundle, medians of ${starts} starts and ${calls} calls in turns with a bare SDK server`,
      figures: [
        {
          name: "start",
          what: "start to the initialize reply",
          value: median(start.chronotick),
          unit: "ms",
          reference: { what: "bare SDK server", value: median(start.echo) },
          goal: { of: "value", atMost: START_GOAL_MS },
        },
        {
          name: "get_time",
          what: "get_time there and back",
          value: median(call.chronotick),
          unit: "ms",
          reference: { what: "echo of the bare SDK server", value: median(call.echo) },
          goal: { of: "value", atMost: CALL_GOAL_MS },
        },
      ],
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes a module of this project, by its specifier in `packaging/`, as one script. */
async function bundle(module: string, path: string): Promise<string> {
  await Deno.writeTextFile(path, await bundleScript({ script: module }));
  return path;
}

/** ms, each time. */
type Times = Record<keyof Scripts, number[]>;

async function timeStarts(scripts: Scripts, shmName: string, rounds: number): Promise<Times> {
  const times: Times = { chronotick: [], echo: [] };
  const start = async (name: keyof Scripts, args: readonly string[]) => {
    const beganMs = performance.now();
    await using _process = await McpProcess.start(scripts[name], args);
    times[name].push(performance.now() - beganMs);
  };
  for (let round = 0; round < rounds; round++) {
    await start("echo", []);
    await start("chronotick", ["--shm-name", shmName]);
  }
  return times;
}

async function timeCalls(scripts: Scripts, shmName: string, calls: number): Promise<Times> {
  await using chronotick = await McpProcess.start(scripts.chronotick, ["--shm-name", shmName]);
  await using echo = await McpProcess.start(scripts.echo, []);
  const ask = {
    chronotick: () => chronotick.callTool("get_time", {}),
    echo: () => echo.callTool("echo", { text: "What time is it?" }),
  };
  for (let call = 0; call < WARM_UP_CALLS; call++) await Promise.all([ask.chronotick(), ask.echo()]);
  const times: Times = { chronotick: [], echo: [] };
  while (times.chronotick.length < calls) {
    for (const name of ["echo", "chronotick"] as const) {
      for (let call = 0; call < TURN; call++) {
        const beganMs = performance.now();
        await ask[name]();
        times[name].push(performance.now() - beganMs);
      }
    }
  }
  return times;
}
