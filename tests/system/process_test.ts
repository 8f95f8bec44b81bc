import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertThrows,
} from "@std/assert";
import { AttachedSegment } from "../../ffi/shared_memory.ts";
import {
  type ChronoTickClient,
  differenceSeconds,
  Flag,
  fromNs,
  NoDaemonError,
  StaleRecordError,
} from "../../mod.ts";
import { FIELDS, RECORD_BYTES } from "../../record/layout.ts";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import { trueUtcNs } from "../../sim/truth.ts";
import { available } from "../support/available.ts";
import { Random } from "../support/random.ts";
import {
  eventually,
  pause,
  quickConfig,
  readyClient,
  segmentExists,
  SimulatedServers,
} from "./support/daemon_world.ts";
import { PythonReader } from "./support/python_reader.ts";
import { runDaemon } from "./support/run.ts";
import { together } from "./support/together.ts";

const KILLS = 5;
const SEED = 20260504;
const KILLED = 137;
/** After this nobody may believe the record of a writer that died. */
const MAX_AGE_SECONDS = 2.5;

function sequenceIn(view: DataView): number {
  return view.getUint32(FIELDS.sequenceNumber.offset, true);
}

/** The segment's bytes as this process sees them, also after its name is gone. */
function mapSegment(
  { shmName }: DaemonProcess,
): { readonly segment: AttachedSegment; readonly view: DataView } {
  const segment = AttachedSegment.open(shmName);
  return { segment, view: new DataView(segment.map(RECORD_BYTES)) };
}

/** Whether the truth lies within the client's bounds now. */
function holds(client: ChronoTickClient, servers: SimulatedServers): boolean {
  const before = fromNs(trueUtcNs(servers.first.clock));
  const { earliest, latest } = client.now();
  const after = fromNs(trueUtcNs(servers.first.clock));
  return differenceSeconds(after, earliest) >= 0 && differenceSeconds(latest, before) >= 0;
}

Deno.test({
  name:
    "a daemon killed at any moment of publishing at 1000 Hz leaves no wrong record, and the next one goes on",
  ignore: !available("python3"),
  async fn() {
    using servers = await SimulatedServers.start([{}, {}, {}]);
    const config = quickConfig({ servers: servers.addresses, frequencyHz: 1000 });
    const shmName = `chronotick_${crypto.randomUUID().slice(0, 8)}`;
    const random = new Random(SEED);
    await using daemons = new AsyncDisposableStack();
    const first = daemons.use(await DaemonProcess.start({ config, shmName }));
    using client = await readyClient(first);
    await using reader = await PythonReader.start(shmName, servers.first.clock, 0, 0);
    const { segment, view } = mapSegment(first);
    using _segment = segment;
    const pids = [first.pid];
    await pause(100 + 300 * random.uniform());
    first.kill("SIGKILL");
    assertEquals((await first.ended()).code, KILLED);
    for (let kill = 1; kill < KILLS; kill++) {
      const left = sequenceIn(view);
      const next = daemons.use(await DaemonProcess.start({ config, shmName }));
      await eventually("the next daemon publishes", 10_000, () => client.read().writerPid === next.pid);
      await client.waitUntilReady();
      // No new attachment was needed: it writes on in the segment that the dead one left.
      assert(segment.isCurrent());
      assertGreater(sequenceIn(view), left);
      assert(holds(client, servers));
      pids.push(next.pid);
      await pause(100 + 300 * random.uniform());
      next.kill("SIGKILL");
      await next.ended();
    }
    const verdict = await reader.stop();
    assertEquals([verdict.outside, verdict.torn], [0, 0]);
    assertGreater(verdict.reads, 1000);
    assertEquals(new Set(verdict.pids), new Set(pids));
  },
});

const scenarios = {
  async "after a kill nobody believes the record for longer than 2.5 s"() {
    using servers = await SimulatedServers.start([{}]);
    await using daemon = await DaemonProcess.start({ config: quickConfig({ servers: servers.addresses }) });
    using client = await readyClient(daemon);
    daemon.kill("SIGKILL");
    await daemon.ended();
    const killed = performance.now();
    const refusal = await eventually("refused", 5000, () => {
      try {
        assert(holds(client, servers));
        return null;
      } catch (error) {
        return error;
      }
    });
    assert(refusal instanceof StaleRecordError, String(refusal));
    assertGreater(refusal.ageSeconds, MAX_AGE_SECONDS);
    assertLess((performance.now() - killed) / 1000, MAX_AGE_SECONDS + 0.5);
    assertThrows(() => client.getTime(), StaleRecordError);
    assertEquals(client.read().state, "stale");
  },

  async "a write that a killed daemon left half done is healed by the next one"() {
    using servers = await SimulatedServers.start([{}]);
    const config = quickConfig({ servers: servers.addresses });
    await using killed = await DaemonProcess.start({ config });
    using client = await readyClient(killed);
    const { segment, view } = mapSegment(killed);
    using _segment = segment;
    killed.kill("SIGKILL");
    await killed.ended();
    const odd = sequenceIn(view) | 1;
    await writeSequence(killed, odd);
    assertEquals(sequenceIn(view), odd);
    await using next = await DaemonProcess.start({ config, shmName: killed.shmName });
    await eventually("healed", 10_000, () => sequenceIn(view) > odd && client.read().writerPid === next.pid);
    await client.waitUntilReady();
    assertEquals(client.read().sequenceNumber % 2, 0);
    assert(holds(client, servers));
  },

  async "a second daemon on the same name says so in one sentence and does the first no harm"() {
    using servers = await SimulatedServers.start([{}]);
    const config = quickConfig({ servers: servers.addresses });
    await using first = await DaemonProcess.start({ config });
    using client = await readyClient(first);
    const { code, stdout, stderr } = await runDaemon(["--shm-name", first.shmName]);
    assertEquals([code, stdout], [1, ""]);
    assertEquals(
      stderr,
      `chronotick-daemon: Cannot publish to shared memory ${first.shmName}: another daemon writes it already. ` +
        "Stop that one or choose another name with --shm-name.\n",
    );
    const { sequenceNumber } = client.read();
    await eventually("goes on", 1000, () => client.read().sequenceNumber > sequenceNumber);
    assertEquals([client.read().writerPid, client.read().state], [first.pid, "valid"]);
    first.kill("SIGKILL");
    await first.ended();
    // The lock died with the process.
    await using third = await DaemonProcess.start({ config, shmName: first.shmName });
    await eventually("taken over", 10_000, () => client.read().writerPid === third.pid);
  },

  async "SIGTERM, even twice, and SIGINT withdraw the time before its name goes, and end well"() {
    using servers = await SimulatedServers.start([{}]);
    const config = quickConfig({ servers: servers.addresses });
    for (const signals of [["SIGTERM", "SIGTERM"], ["SIGINT"], ["SIGINT", "SIGTERM"]] as const) {
      await using daemon = await DaemonProcess.start({ config });
      using client = await readyClient(daemon);
      const { segment, view } = mapSegment(daemon);
      using _segment = segment;
      for (const signal of signals) daemon.kill(signal);
      const { code, signal } = await daemon.ended();
      assertEquals([code, signal], [0, null]);
      assert(!segmentExists(daemon));
      assertEquals(view.getUint32(FIELDS.flags.offset, true) & Flag.VALID, 0);
      assertEquals(view.getFloat32(FIELDS.confidence.offset, true), 0);
      assertEquals(sequenceIn(view) % 2, 0);
      assertThrows(() => client.getTime(), NoDaemonError);
      assertMatch(daemon.lines.at(-1)!, /Stopped by SIG(INT|TERM)\.$/);
      // A new daemon of that name has a segment of its own; the client finds it by itself.
      await using next = await DaemonProcess.start({ config, shmName: daemon.shmName });
      await client.waitUntilReady();
      assertEquals(client.read().writerPid, next.pid);
    }
  },

  async "SIGHUP takes over new servers and a new frequency, and refuses a faulty file"() {
    using servers = await SimulatedServers.start([{}, {}]);
    const [before, after] = servers.addresses;
    await using daemon = await DaemonProcess.start({ config: quickConfig({ servers: [before!] }) });
    using client = await readyClient(daemon);
    assertEquals(servers.all[1]!.requests, 0);

    await daemon.writeConfig("ntp: { timeout_seconds: x, servres: [] }\n");
    daemon.kill("SIGHUP");
    const refusal = await daemon.line(/ ERROR {3}config: /);
    assertMatch(
      refusal,
      /: ntp\.timeout_seconds is "x".* unknown key ntp\.servres: .* ntp\.servers\? .*old configuration/,
    );
    await daemon.writeConfig(quickConfig({ servers: [after!], cpuAffinity: [1023] }));
    daemon.kill("SIGHUP");
    assertMatch(await daemon.line(/Cannot pin to processors 1023/), /old configuration/);
    assertEquals(client.read().state, "valid");

    await daemon.writeConfig(quickConfig({ servers: [after!], frequencyHz: 10 }));
    daemon.kill("SIGHUP");
    await daemon.line(/Configuration read again/);
    await daemon.line(new RegExp(`:${after!.port} answers`));
    const asked = servers.all[0]!.requests;
    const first = client.read();
    await pause(2000);
    const last = client.read();
    const published = (last.sequenceNumber - first.sequenceNumber) / 2;
    assertAlmostEquals(published / (last.daemonUptime - first.daemonUptime), 10, 2);
    assertLess(servers.all[0]!.requests - asked, 2); // one may have been under way
    assertGreater(servers.all[1]!.requests, 5);
    assert(holds(client, servers));
  },

  async "SIGHUP with another name for the shared memory warns that a restart is needed"() {
    using servers = await SimulatedServers.start([{}]);
    const shmName = `chronotick_${crypto.randomUUID().slice(0, 8)}`;
    const named = (name: string) =>
      `shared_memory: { name: ${name} }\n${quickConfig({ servers: servers.addresses })}`;
    await using daemon = await DaemonProcess.start({ config: named(shmName), shmName, isNameInConfig: true });
    using client = await readyClient(daemon);
    await daemon.writeConfig(named(`${shmName}_other`));
    daemon.kill("SIGHUP");
    assertMatch(await daemon.line(/ WARNING config: /), /shared_memory\.name changed.* restart/);
    const count = (pattern: RegExp) => daemon.lines.filter((line) => pattern.test(line)).length;
    const reloaded = (times: number) =>
      eventually(`${times} times read`, 5000, () => count(/Configuration read again/) === times);
    await reloaded(1);
    daemon.kill("SIGHUP"); // it still waits for the restart
    await reloaded(2);
    await daemon.writeConfig(named(shmName));
    daemon.kill("SIGHUP"); // nothing waits any more
    await reloaded(3);
    assertEquals(count(/ WARNING config: /), 2);
    assertEquals(client.read().state, "valid");
  },

  async "a daemon stopped for 3 s is stale meanwhile, and true as soon as it goes on"() {
    using servers = await SimulatedServers.start([{}, {}, {}]);
    await using daemon = await DaemonProcess.start({ config: quickConfig({ servers: servers.addresses }) });
    using client = await readyClient(daemon);
    daemon.kill("SIGSTOP");
    const stopped = performance.now();
    await eventually("stale", 4000, () => client.read().state === "stale");
    assertThrows(() => client.now(), StaleRecordError);
    await pause(3000 - (performance.now() - stopped));
    daemon.kill("SIGCONT");
    const { sequenceNumber } = client.read();
    await eventually("valid again", 2000, () => client.isDaemonReady());
    for (let read = 0; read < 100; read++, await pause(10)) assert(holds(client, servers));
    assertGreater(client.read().sequenceNumber, sequenceNumber);
  },
};

/** As a daemon leaves it that is killed between its two writes of the sequence. */
async function writeSequence({ shmName }: DaemonProcess, sequence: number): Promise<void> {
  using file = await Deno.open(`/dev/shm/${shmName}`, { write: true });
  await file.seek(FIELDS.sequenceNumber.offset, Deno.SeekMode.Start);
  await file.write(new Uint8Array(new Uint32Array([sequence]).buffer));
}

Deno.test("the life of a daemon's process", (t) => together(t, scenarios));
