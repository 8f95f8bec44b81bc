import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import { ChronoTickClient, Flag, warmupPercent } from "../../mod.ts";
import { DAEMON_PERMISSIONS, DaemonProcess } from "../../sim/daemon_process.ts";
import {
  eventually,
  pause,
  quickConfig,
  readyClient,
  segmentExists,
  SimulatedServers,
} from "./support/daemon_world.ts";
import { runDaemon } from "./support/run.ts";
import { together } from "./support/together.ts";

/** A temporary folder with one file in it. */
async function withFile(text: string, use: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "chronotick-" });
  try {
    await Deno.writeTextFile(`${folder}/config.yaml`, text);
    await use(`${folder}/config.yaml`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function assertNoSegment(shmName: string): void {
  assert(![...Deno.readDirSync("/dev/shm")].some(({ name }) => name === shmName));
}

const answers = {
  async "--help tells every option and exit code"() {
    const { code, stdout, stderr } = await runDaemon(["--help"]);
    assertEquals([code, stderr], [0, ""]);
    const options = [
      "--config PATH",
      "--check-config",
      "--freq HZ",
      "--cpu-affinity N…",
      "--log-level LEVEL",
      "--log-file PATH",
      "--shm-name NAME",
    ];
    for (const option of options) assertStringIncludes(stdout, option);
    assertMatch(stdout, /3 {3}no live daemon or no valid time/);
  },

  async "--version, also behind the -- that deno task passes on"() {
    const expected = { code: 0, stdout: `chronotick-daemon ${manifest.version}\n`, stderr: "" };
    assertEquals(await runDaemon(["--version"]), expected);
    assertEquals(await runDaemon(["--", "--version"]), expected);
  },

  async "a wrong flag is a usage error with a suggestion"() {
    const { code, stdout, stderr } = await runDaemon(["--frq", "10"]);
    assertEquals([code, stdout], [2, ""]);
    assertEquals(
      stderr,
      "chronotick-daemon: Unknown option --frq: did you mean --freq? See deno task daemon --help.\n",
    );
  },

  async "a value out of range is a usage error that names the range"() {
    const { code, stderr } = await runDaemon(["--freq", "2000"]);
    assertEquals(code, 2);
    assertMatch(stderr, /^chronotick-daemon: --freq is "2000": it must be an integer from 1 to 1000\. /);
  },

  async "--check-config says all faults at once"() {
    const faulty = `
      daemon: { update_frequency_hz: 0 }
      ntp: { servres: [time.example.org], servers: [1 2], interval_seconds: soon }
    `;
    await withFile(faulty, async (path) => {
      const { code, stdout, stderr } = await runDaemon(["--config", path, "--check-config"]);
      assertEquals([code, stdout], [2, ""]);
      assertStringIncludes(stderr, `Cannot use ${path}:`);
      assertStringIncludes(stderr, "daemon.update_frequency_hz is 0: it must be an integer from 1 to 1000");
      assertStringIncludes(stderr, "unknown key ntp.servres: did you mean ntp.servers?");
      assertStringIncludes(stderr, 'ntp.servers[0] is "1 2"');
      assertStringIncludes(stderr, 'ntp.interval_seconds is "soon"');
      assertEquals(stderr.trimEnd().split("\n").length, 5);
    });
  },

  async "--check-config of a right file, and of the one that is shipped, ends well"() {
    const shipped = new URL("../../config.yaml", import.meta.url).pathname;
    assertEquals((await runDaemon(["--config", shipped, "--check-config"])).code, 0);
    await withFile("ntp: { servers: [127.0.0.1] }\n", async (path) => {
      const { code, stdout } = await runDaemon(["--config", path, "--check-config"]);
      assertEquals(code, 0);
      assertStringIncludes(stdout, path);
    });
  },

  async "a missing file is a usage error of one sentence"() {
    const { code, stderr } = await runDaemon(["--config", "/nonexistent/config.yaml"]);
    assertEquals(code, 2);
    assertEquals(stderr, "chronotick-daemon: Cannot use /nonexistent/config.yaml: there is no such file.\n");
  },

  async "processors that are not there are refused, and no segment is left"() {
    const shmName = `chronotick_${crypto.randomUUID().slice(0, 8)}`;
    const { code, stderr } = await runDaemon(["--cpu-affinity", "1023", "--shm-name", shmName]);
    assertEquals(code, 1);
    assertMatch(stderr, /^chronotick-daemon: Cannot pin to processors 1023: this process may use .*\.\n$/);
    assertNoSegment(shmName);
  },
};

const runs = {
  async "--freq 1000 publishes a thousand times a second, over what the file says"() {
    using servers = await SimulatedServers.start([{}]);
    const config = quickConfig({ servers: servers.addresses, frequencyHz: 1 });
    await using daemon = await DaemonProcess.start({ config, args: ["--freq", "1000"] });
    using client = await readyClient(daemon);
    const first = client.read();
    await pause(1000);
    const last = client.read();
    const publications = (last.sequenceNumber - first.sequenceNumber) / 2;
    const elapsed = last.daemonUptime - first.daemonUptime;
    // On a busy machine periods are left out, but never added.
    assert(publications / elapsed > 300 && publications / elapsed < 1001, `${publications / elapsed} Hz`);
  },

  async "a log file on a full disk is told of on standard error, and the time goes on"() {
    using servers = await SimulatedServers.start([{}]);
    const config = quickConfig({ servers: servers.addresses });
    await using daemon = await DaemonProcess.start({
      config,
      args: ["--log-file", "/dev/full"],
      permissions: ["--allow-all"], // Deno lets nobody else write devices
    });
    using client = await readyClient(daemon);
    await daemon.line(/ ERROR {3}log: Cannot log to \/dev\/full: .*using standard error instead/);
    assert(client.isDaemonReady());
    assertEquals((await daemon.stop()).code, 0);
  },

  async "a log file has the log, and standard error nothing"() {
    using servers = await SimulatedServers.start([{}]);
    const folder = await Deno.makeTempDir({ prefix: "chronotick-" });
    const path = `${folder}/daemon.log`;
    await using daemon = await DaemonProcess.start({
      config: quickConfig({ servers: servers.addresses }),
      args: ["--log-file", path],
    });
    using _client = await readyClient(daemon);
    assertEquals((await daemon.stop()).code, 0);
    const log = await Deno.readTextFile(path);
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    await Deno.remove(folder, { recursive: true });
    assertMatch(log, /^\S+Z INFO {4}daemon: chronotick-daemon .* publishes/m);
    assertMatch(log, /Stopped by SIGTERM\.\n$/);
    assertEquals(daemon.lines, []);
  },

  async "the warm-up is told in the flags, by a line each quarter, and ends"() {
    using servers = await SimulatedServers.start([{}, {}]);
    const config = quickConfig({ servers: servers.addresses, warmupSeconds: 5 });
    await using daemon = await DaemonProcess.start({ config });
    using client = await readyClient(daemon);
    const percents: number[] = [];
    await eventually("warm", 10_000, () => {
      const { flags } = client.read();
      if (percents.at(-1) !== warmupPercent(flags)) percents.push(warmupPercent(flags));
      return (flags & Flag.WARMUP_COMPLETE) !== 0;
    });
    assertEquals(percents, percents.toSorted((a, b) => a - b));
    assertEquals(percents.at(-1), 100);
    assert(percents.length >= 3, percents.join());
    await daemon.line(
      / INFO {4}warmup: 100 %, \d+ measurements, \d of 2 servers answer, within ± \d+\.\d{3} ms$/,
    );
    const lines = daemon.lines.filter((line) => / warmup: /.test(line));
    assert(lines.length >= 2 && lines.length <= 5, lines.join("\n"));
  },

  async "the record may be read by everybody whatever the umask, and written by nobody else"() {
    using servers = await SimulatedServers.start([{}]);
    const previous = Deno.umask(0o077);
    try {
      await using daemon = await DaemonProcess.start({ config: quickConfig({ servers: servers.addresses }) });
      Deno.umask(previous);
      using _client = await readyClient(daemon);
      assertEquals((Deno.statSync(`/dev/shm/${daemon.shmName}`).mode ?? 0) & 0o777, 0o644);
    } finally {
      Deno.umask(previous);
    }
  },

  async "without any server it runs on the system clock, and complains of nothing"() {
    await using daemon = await DaemonProcess.start({ config: quickConfig({ servers: [] }) });
    using client = new ChronoTickClient({ shmName: daemon.shmName });
    await daemon.line(/ publishes /);
    const { flags } = client.read();
    assert((flags & Flag.SYSTEM_CLOCK) !== 0);
    assertEquals((await daemon.stop()).code, 0);
    assertEquals(daemon.lines.filter((line) => /WARNING|ERROR/.test(line)), []);
    assert(!segmentExists(daemon));
  },
};

Deno.test("the daemon's command line", (t) => together(t, answers));

Deno.test("the daemon's options at work", (t) => together(t, runs));

Deno.test("the daemon of these tests may do what the project's task permits, and no more", () => {
  const flags = "--allow-ffi --allow-read --allow-write --allow-net --allow-env --allow-sys";
  assertEquals(manifest.tasks.daemon, `deno run ${flags} daemon/main.ts`);
  assertEquals(DAEMON_PERMISSIONS.join(" "), flags);
});
