import { assert, assertEquals, assertGreater, assertLess, assertMatch, assertThrows } from "@std/assert";
import { readKernelClock } from "../../ffi/clocks.ts";
import {
  ChronoTickClient,
  differenceSeconds,
  Flag,
  fromNs,
  NotSynchronizedError,
  type RecordStatus,
} from "../../mod.ts";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import type { ServerSettings } from "../../sim/server_settings.ts";
import { trueUtcNs } from "../../sim/truth.ts";
import { available } from "../support/available.ts";
import {
  eventually,
  pause,
  quickConfig,
  readyClient,
  segmentExists,
  SimulatedServers,
} from "./support/daemon_world.ts";
import { PythonReader } from "./support/python_reader.ts";
import { runClient } from "./support/run.ts";
import { together } from "./support/together.ts";

const LIE: Partial<ServerSettings> = { offsetErrorSeconds: 0.04 };
const READ_SECONDS = 3;
/** Python manages more, but not on a busy machine. */
const MIN_READS = 200;

/** Whether the truth lies within the client's bounds now. */
function holds(client: ChronoTickClient, servers: SimulatedServers): boolean {
  const before = fromNs(trueUtcNs(servers.first.clock));
  const { earliest, latest } = client.now();
  const after = fromNs(trueUtcNs(servers.first.clock));
  return differenceSeconds(after, earliest) >= 0 && differenceSeconds(latest, before) >= 0;
}

function hasFlag(status: RecordStatus, flag: number): boolean {
  return (status.flags & flag) !== 0;
}

/** Log lines without their times, which match. */
function messages(daemon: DaemonProcess, pattern: RegExp): string[] {
  return daemon.lines.filter((line) => pattern.test(line)).map((line) => line.replace(/^\S+ /, ""));
}

const pythonScenarios = {
  async "a falseticker among four servers, off by 40 ms, moves nothing"() {
    using servers = await SimulatedServers.start([{}, {}, {}, { ...LIE, reply: "silent" }]);
    await using daemon = await DaemonProcess.start({ config: quickConfig({ servers: servers.addresses }) });
    using client = await readyClient(daemon);
    // A liar that speaks alone would be believed: nobody contradicts it.
    await eventually("three servers answer", 5000, () => messages(daemon, / answers\.$/).length === 3);
    await using reader = await PythonReader.start(daemon.shmName, servers.first.clock, 0);
    await servers.all[3]!.set({ reply: "normal" });
    await daemon.line(new RegExp(`:${servers.all[3]!.address.port} answers`));
    await pause(READ_SECONDS * 1000);
    const verdict = await reader.stop();
    assertGreater(verdict.reads, MIN_READS);
    assertEquals([verdict.outside, verdict.torn, verdict.refused], [0, 0, 0]);
    assertLess(verdict.meanErrorSeconds, 1e-3);
    assertLess(verdict.worstErrorSeconds, 5e-3);
    assertLess(verdict.widestSeconds, 3e-3);
    assertEquals(verdict.flagsAny & (Flag.DEGRADED | Flag.HOLDOVER | Flag.SYSTEM_CLOCK), 0);
    assert(client.isDaemonReady());
  },

  async "a liar and one honest server: nobody knows who lies, so the bound holds both, and says so"() {
    using servers = await SimulatedServers.start([{}, { ...LIE, reply: "silent" }]);
    await using daemon = await DaemonProcess.start({ config: quickConfig({ servers: servers.addresses }) });
    using _client = await readyClient(daemon);
    await using reader = await PythonReader.start(daemon.shmName, servers.first.clock, 0);
    await servers.all[1]!.set({ reply: "normal" });
    await daemon.line(new RegExp(`:${servers.all[1]!.address.port} answers`));
    await pause(READ_SECONDS * 1000);
    const verdict = await reader.stop();
    assertEquals([verdict.outside, verdict.torn, verdict.refused], [0, 0, 0]);
    assertGreater(verdict.widestSeconds, 0.02);
    assertLess(verdict.widestSeconds, 0.1);
    assert((verdict.flagsAny & Flag.DEGRADED) !== 0);
    assertLess(verdict.worstSigmas, 4);
  },

  async "servers that are hostile in every way are noted once each, and the honest one among them is followed"() {
    const hostile: Partial<ServerSettings>[] = [
      { reply: "silent" },
      { reply: "kiss", kissCode: "RATE" },
      { reply: "kiss", kissCode: "DENY" },
      { reply: "wrong-origin" },
      { reply: "short" },
      { reply: "huge" },
      { reply: "random" },
      { stratum: 16 },
      { leap: 3 },
      { rootDispersionSeconds: 20 },
    ];
    const expected = [
      /did not answer in time/,
      /kiss-o'-death RATE/,
      /kiss-o'-death DENY/,
      /a question that was not asked/,
      /too short for NTP/,
      /too long for an answer/,
      /packet|reply/,
      /stratum 16/,
      /not synchronized/,
      /too far from its own reference/,
    ];
    using servers = await SimulatedServers.start([{}, ...hostile]);
    const config = quickConfig({ servers: servers.addresses, timeoutSeconds: 0.2 });
    await using daemon = await DaemonProcess.start({ config });
    using _client = await readyClient(daemon);
    await using reader = await PythonReader.start(daemon.shmName, servers.first.clock, 0);
    for (const [index, pattern] of expected.entries()) {
      const { port } = servers.all[index + 1]!.address;
      assertMatch(await daemon.line(new RegExp(`:${port} .*${pattern.source}`)), / WARNING ntp: /);
    }
    const asked = servers.all.map(({ requests }) => requests);
    await eventually(
      "everybody is asked on",
      10_000,
      () =>
        servers.all.every(({ requests }, index) =>
          requests > asked[index]! + 2 || index === 2 || index === 3
        ),
    );
    const verdict = await reader.stop();
    assertEquals([verdict.outside, verdict.torn, verdict.refused], [0, 0, 0]);
    assertLess(verdict.meanErrorSeconds, 1e-3);
    assertLess(verdict.worstErrorSeconds, 5e-3);
    const warnings = messages(daemon, / WARNING ntp: Time server/);
    assertEquals(warnings.length, new Set(warnings).size, warnings.join("\n"));
    assertLess(servers.all[3]!.requests, 3); // denied: not asked again
  },
};

const scenarios = {
  async "when the servers die the time is held over within growing bounds, and recovers when they return"() {
    using servers = await SimulatedServers.start([{}, {}, {}]);
    await using daemon = await DaemonProcess.start({ config: quickConfig({ servers: servers.addresses }) });
    using client = await readyClient(daemon);
    await eventually("warm", 5000, () => hasFlag(client.read(), Flag.WARMUP_COMPLETE));
    await servers.set({ reply: "silent" });
    await eventually("held over", 5000, () => hasFlag(client.read(), Flag.HOLDOVER));
    assert(hasFlag(client.read(), Flag.DEGRADED));
    assertEquals((await runClient("status", daemon.shmName)).code, 1);

    let widest = 0;
    for (const until = performance.now() + 2500; performance.now() < until; await pause(50)) {
      const { maxErrorSeconds } = client.getTime();
      // Each publication rounds up to a float of its own.
      assertGreater(maxErrorSeconds, widest - 1e-9);
      widest = maxErrorSeconds;
      assert(holds(client, servers));
    }
    await servers.set({ reply: "normal" });
    await eventually("recovered", 5000, () => !hasFlag(client.read(), Flag.HOLDOVER | Flag.DEGRADED));
    await eventually("narrower bounds", 5000, () => client.getTime().maxErrorSeconds < widest);
    assert(holds(client, servers));
  },

  async "servers that were never heard leave the system clock, which counts for what the kernel says of it"() {
    using servers = await SimulatedServers.start([{ reply: "silent" }, { reply: "silent" }]);
    await using daemon = await DaemonProcess.start({ config: quickConfig({ servers: servers.addresses }) });
    using client = new ChronoTickClient({ shmName: daemon.shmName });
    await daemon.line(/did not answer in time/);
    await assertSystemClockOnly(client);
    assertEquals((await runClient("status", daemon.shmName)).code, expectedWithoutServers().code);
    // The daemon is of use as soon as one of them speaks.
    await servers.all[1]!.set({ reply: "normal" });
    await eventually("measured", 15_000, () => hasFlag(client.read(), Flag.NTP_READY));
    assert(holds(client, servers));
  },

  async "names that cannot be resolved are reported once each, and the daemon runs on"() {
    const servers = ["one.example.invalid", "two.example.invalid"].map((hostname) => ({
      hostname,
      port: 123,
    }));
    await using daemon = await DaemonProcess.start({ config: quickConfig({ servers }) });
    using client = new ChronoTickClient({ shmName: daemon.shmName });
    for (const { hostname } of servers) await daemon.line(new RegExp(` WARNING ntp: .*${hostname}`), 15_000);
    await assertSystemClockOnly(client);
    await pause(2500); // the lookup is repeated after a second
    assertEquals(messages(daemon, /example\.invalid/).length, 2);
    assertEquals((await daemon.stop()).code, 0);
    assert(!segmentExists(daemon));
  },
};

/** What a client may have of this machine's own clock. */
function expectedWithoutServers(): { readonly isValid: boolean; readonly code: number } {
  const { synchronized, maxErrorSeconds } = readKernelClock();
  const isValid = synchronized && maxErrorSeconds > 0;
  return { isValid, code: isValid ? 1 : 3 };
}

async function assertSystemClockOnly(client: ChronoTickClient): Promise<void> {
  await eventually("a rung is missing", 1000, () => hasFlag(client.read(), Flag.DEGRADED));
  const status = client.read();
  assert(hasFlag(status, Flag.SYSTEM_CLOCK));
  assertEquals(status.measurementCount, 0);
  const { isValid } = expectedWithoutServers();
  assertEquals(hasFlag(status, Flag.VALID), isValid);
  assertEquals(hasFlag(status, Flag.UNSYNCHRONIZED), !isValid);
  if (isValid) return;
  assertEquals([status.maxError, status.confidence], [Infinity, 0]);
  assertThrows(() => client.getTime(), NotSynchronizedError);
}

Deno.test({
  name: "hostile time servers beside honest ones, judged by Python",
  ignore: !available("python3"),
  fn: (t) => together(t, pythonScenarios),
});

Deno.test("time servers that come and go", (t) => together(t, scenarios));
