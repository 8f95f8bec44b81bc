import { assert, assertEquals, assertMatch } from "@std/assert";
import { available } from "../support/available.ts";
import { runExample } from "../system/support/run.ts";

const LINE = /^(\S+)::(\w+)::TICK-(\d{10}) +its own clock: (\S+)$/;

Deno.test({
  name:
    "distributed_ticks prints a log in which ticks rise and times never fall, whatever the machines' clocks say",
  ignore: !available("etcd"),
  fn: async () => {
    const { code, stdout, stderr } = await runExample("distributed_ticks.ts", {
      permissions: ["--allow-all"],
      args: ["--events", "4"],
    });
    assertEquals([code, stderr], [0, ""]);
    const log = stdout.split("\n").map((line) => LINE.exec(line)).filter((match) => match !== null);
    const ticks = log.map(([, , , tick]) => Number(tick));
    assertEquals(ticks.length, 12);
    assert(ticks.every((tick, i) => tick > (ticks[i - 1] ?? 0)), stdout);
    const times = log.map(([, utc]) => utc!);
    assertEquals(times, times.toSorted());
    assertEquals(new Set(log.map(([, , agent]) => agent)), new Set(["berlin", "tokyo", "austin"]));
    const ownClocks = log.map(([, , , , ownClock]) => ownClock!);
    assert(
      ownClocks.some((time, i) => time < times[i]!),
      "a machine whose clock is behind has another's time",
    );
    // More than were printed, where the killed leader took an answer with it.
    assert(Number(/The last tick is (\d+)\.\n$/.exec(stdout)?.[1]) >= ticks.at(-1)!, stdout);
  },
});

Deno.test("distributed_ticks says what to install where there is no etcd", async () => {
  const { code, stdout, stderr } = await runExample("distributed_ticks.ts", {
    permissions: ["--allow-all"],
    env: { PATH: "/nowhere" },
  });
  assertEquals([code, stdout], [1, ""]);
  assertMatch(stderr, /there is no etcd\. Install it \(Debian: apt install etcd-server\)\.\n$/);
});
