/**
 * What the status API costs, and how much it can take: the real daemon, asked over loopback.
 *
 * @module
 */
import type { BenchContext } from "./bench_context.ts";
import { BenchDaemon, configText, startServer } from "./bench_daemon.ts";
import { DenoChild } from "./deno_child.ts";
import type { Figure, Group } from "./figure.ts";
import { cpuSecondsOf, residentBytesOf } from "./process_usage.ts";

const FREQUENCY_HZ = 100;
const SETTLE_SECONDS = 20;
const MEASURE_SECONDS = { usual: 5, long: 30 };
/** As the live page asks. */
const PAGE_EVENTS = "/v1/events?hz=10";

/** Requests a second, the daemon's CPU with a page open, and what serving adds to its memory. */
export async function measureStatusApi({ isLong, progress }: BenchContext): Promise<Group> {
  const seconds = isLong ? MEASURE_SECONDS.long : MEASURE_SECONDS.usual;
  using server = await startServer();
  progress.begin(`a daemon without its status API, ${SETTLE_SECONDS} s`);
  const silentMegabytes = await megabytesWithout(configText(server, false));

  const origin = `http://127.0.0.1:${freePort()}`;
  const config = `${configText(server, false)}status: { http: "${origin.slice("http://".length)}" }\n`;
  await using daemon = new BenchDaemon(config, FREQUENCY_HZ);
  await daemon.ready();
  progress.begin(`the status API, ${SETTLE_SECONDS + 5 * seconds} s`);
  await pause(SETTLE_SECONDS);
  const megabytes = residentBytesOf(daemon.pid) / 1e6;
  const quiet = await cpuPercentOf(daemon.pid, seconds);
  const watched = await withPage(origin, () => cpuPercentOf(daemon.pid, seconds));
  const asked = {
    time: await requestRate(`${origin}/v1/time`, seconds),
    status: await requestRate(`${origin}/v1/status`, seconds),
  };
  const bare = await bareRate(seconds);
  const figures: Figure[] = [
    rateFigure("time", "/v1/time", asked.time, bare),
    rateFigure("status", "/v1/status", asked.status, bare),
    {
      name: "cpu_page",
      what: "share of a core with a page open at 10 updates a second",
      value: watched,
      unit: "%",
      reference: { what: "none", value: quiet },
    },
    {
      name: "memory",
      what: "resident memory with socket and TCP served",
      value: megabytes,
      unit: "MB",
      reference: { what: "status.enabled: false", value: silentMegabytes },
    },
  ];
  return {
    name: "status",
    title: `the status API, over ${seconds} s each, one question after the other`,
    figures,
  };
}

function rateFigure(name: string, path: string, value: number, bare: number): Figure {
  return {
    name: `requests_${name}`,
    what: `${path}: answers`,
    value,
    unit: "1/s",
    reference: { what: "Deno.serve, two bytes", value: bare },
  };
}

async function megabytesWithout(config: string): Promise<number> {
  await using daemon = new BenchDaemon(`${config}status: { enabled: false }\n`, FREQUENCY_HZ);
  await daemon.ready();
  await pause(SETTLE_SECONDS);
  return residentBytesOf(daemon.pid) / 1e6;
}

async function cpuPercentOf(pid: number, seconds: number): Promise<number> {
  const began = performance.now();
  const before = cpuSecondsOf(pid);
  await pause(seconds);
  return 100 * (cpuSecondsOf(pid) - before) / ((performance.now() - began) / 1000);
}

/** While somebody reads the events as the page does. */
async function withPage<T>(origin: string, work: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const { body } = await fetch(origin + PAGE_EVENTS, { signal: stop.signal });
  const reading = body!.pipeTo(new WritableStream()).catch(() => {}); // the abort ends it
  const result = await work();
  stop.abort();
  await reading;
  return result;
}

async function requestRate(url: string, seconds: number): Promise<number> {
  const began = performance.now();
  let answers = 0;
  for (; performance.now() - began < 1000 * seconds; answers++) await (await fetch(url)).arrayBuffer();
  return answers / ((performance.now() - began) / 1000);
}

/** The same questions to the plainest server there is. */
async function bareRate(seconds: number): Promise<number> {
  await using child = new DenoChild<number>(new URL("./bare_http_child.ts", import.meta.url), []);
  return await requestRate(`http://127.0.0.1:${await child.next()}/`, seconds);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
}
