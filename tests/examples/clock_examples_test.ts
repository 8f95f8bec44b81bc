import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { type ChronoTickClient, Flag } from "../../mod.ts";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import { available } from "../support/available.ts";
import { randomShmName } from "../support/published_record.ts";
import {
  eventually,
  OFFSET_SECONDS,
  quickConfig,
  readyClient,
  SimulatedServers,
} from "../system/support/daemon_world.ts";
import { runExample } from "../system/support/run.ts";
import { together } from "../system/support/together.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url).pathname;
const NO_DAEMON = /^Cannot attach to chronotick_test_\w+: no such shared memory\./;

/** What an example prints on the record of `shmName`, where it must succeed. */
async function printedBy(file: string, permissions: readonly string[], shmName: string): Promise<string> {
  const { code, stdout, stderr } = await runExample(file, { permissions, args: [shmName] });
  assertEquals([code, stderr], [0, ""], stdout);
  return stdout;
}

/** What the five numbers of reader.py and reader.c say, beside the truth: the system clock and the servers' offset. */
async function assertTrue(program: string, ...args: readonly string[]): Promise<void> {
  const before = Date.now();
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  const after = Date.now();
  assert(success, new TextDecoder().decode(stderr));
  const [, corrected, earliest, latest, sigma] = new TextDecoder().decode(stdout).split(" ").map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const centreMs = (before + after) / 2 + OFFSET_SECONDS * 1e3;
  // The world's oscillator gains 20 ppm on this machine's, and the daemon knows the rest within milliseconds.
  assertAlmostEquals(corrected / 1e6, centreMs, (after - before) / 2 + 5);
  assert(earliest <= corrected && corrected <= latest && latest - earliest < 20e6);
  assert(sigma > 0 && sigma < 0.01);
}

function scenariosOn(shmName: string, client: ChronoTickClient): Record<string, () => Promise<void>> {
  return {
    async "simple_client prints the time with its bounds, and commits"() {
      const text = await printedBy("simple_client.ts", ["--allow-ffi"], shmName);
      assertMatch(text, /^it is {6}\S+Z\none sigma {2}\d+\.\d µs, never off by more than \d+\.\d µs\n/);
      assertMatch(text, /is certainly past: true\n/);
    },

    async "distributed_sync prints when each follower woke, never too early, and the spread"() {
      const permissions = ["--allow-ffi", "--allow-net", "--allow-run"];
      const lines = (await printedBy("distributed_sync.ts", permissions, shmName)).trimEnd().split("\n");
      const rounds = lines.map((line) => /: woke (.*) late, spread (\d+) µs$/.exec(line)).filter((match) =>
        match !== null
      );
      assertEquals(rounds.length, 5);
      for (const [, wakes, spread] of rounds) {
        const lateUs = wakes!.split(", ").map((wake) => Number(/^(\d+) µs$/.exec(wake)?.[1]));
        assertEquals(lateUs.length, 4);
        assertAlmostEquals(Number(spread), Math.max(...lateUs) - Math.min(...lateUs), 1);
      }
      assertMatch(lines.at(-1)!, /^Within 1000 µs of each other in [0-5] of 5 rounds\.$/);
    },

    async "commit_wait prints a ledger in which each customer's entries are in his order"() {
      const text = await printedBy("commit_wait.ts", ["--allow-ffi", "--allow-run"], shmName);
      const entries = [...text.matchAll(/^(\S+Z) {2}(\w+) +(\w+) +(-?\d+) {2}waited (\d+\.\d\d) ms$/gm)];
      assertEquals(entries.length, 6);
      const stamps = entries.map(([, stamp]) => stamp!);
      assertEquals(stamps, stamps.toSorted());
      const routeOf = (customer: string) =>
        entries.filter((entry) => entry[3] === customer).map((entry) => entry[2]);
      assertEquals(routeOf("Ada"), ["north", "south", "west"]);
      assertEquals(routeOf("Bob"), ["west", "north", "south"]);
      assert(entries.every((entry) => Number(entry[5]) > 0));
      assertMatch(text, /Every customer's entries are in the order in which he made them\.\n$/);
    },

    async "monitoring_dashboard tells what is well from what needs attention"() {
      const nobody = randomShmName();
      await eventually(
        "the end of the warm-up",
        20_000,
        () => (client.read().flags & Flag.WARMUP_COMPLETE) !== 0,
      );
      const permissions = ["--allow-ffi"];
      const healthy = await printedBy("monitoring_dashboard.ts", permissions, shmName);
      assertMatch(healthy, new RegExp(`^${shmName} .* ± \\d+\\.\\d{3} ms .* ntp +none$`, "m"));
      const { code, stdout } = await runExample("monitoring_dashboard.ts", {
        permissions,
        args: [shmName, nobody],
      });
      assertEquals(code, 1);
      assertMatch(stdout, new RegExp(`^${nobody} .* NO_DAEMON$`, "m"));
    },
  };
}

/** A daemon with a valid time, whose servers are 25 ms ahead of this machine. */
async function withDaemon(
  action: (shmName: string, client: ChronoTickClient) => Promise<unknown>,
): Promise<void> {
  using servers = await SimulatedServers.start([{}, {}, {}]);
  await using daemon = await DaemonProcess.start({ config: quickConfig({ servers: servers.addresses }) });
  using client = await readyClient(daemon);
  await action(daemon.shmName, client);
}

Deno.test("the examples on a real daemon", (t) =>
  withDaemon((shmName, client) => together(t, scenariosOn(shmName, client))));

Deno.test({
  name: "the readers in Python and C find the truth that a real daemon publishes",
  ignore: !available("python3") || !available("cc"),
  fn: () =>
    withDaemon(async (shmName) => {
      await assertTrue("python3", `${EXAMPLES}reader.py`, shmName);
      const folder = await Deno.makeTempDir({ prefix: "chronotick-reader-" });
      try {
        const args = ["-O2", "-o", `${folder}/reader`, `${EXAMPLES}reader.c`, "-lm"];
        assert((await new Deno.Command("cc", { args }).output()).success);
        await assertTrue(`${folder}/reader`, shmName);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    }),
});

Deno.test("examples without a daemon say so in one sentence and exit with 3", async () => {
  const files = ["distributed_sync.ts", "commit_wait.ts", "simple_client.ts"];
  const permissions = ["--allow-ffi", "--allow-net", "--allow-run"];
  for (
    const { code, stdout } of await Promise.all(
      files.map((file) => runExample(file, { permissions, args: [randomShmName()] })),
    )
  ) {
    assertEquals(code, 3);
    assertMatch(stdout, NO_DAEMON);
  }
});
