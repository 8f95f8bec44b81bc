import { assertEquals, assertRejects } from "@std/assert";
import { EtcdCluster } from "../../sim/etcd_cluster.ts";
import { TickError } from "../../ticks/errors.ts";
import { EtcdAuthority } from "../../ticks/etcd_authority.ts";
import { available } from "../support/available.ts";
import { together } from "../system/support/together.ts";
import { EtcdAdmin } from "./etcd_admin.ts";
import { EtcdProxy } from "./etcd_proxy.ts";

/** The counter of `name` in `cluster`, created, with settings such as `?block=10`. */
function open(cluster: EtcdCluster, name: string, settings = ""): Promise<EtcdAuthority> {
  return EtcdAuthority.open(cluster.address(name) + settings, { create: true });
}

function keyOf(name: string, key = ""): string {
  return `/chronotick/ticks/${name}/${key}`;
}

/** What an operator does after a backup was restored: the counter's base is raised (here also lowered). */
async function putOn(admin: EtcdAdmin, name: string, base: bigint): Promise<void> {
  const { id } = JSON.parse((await admin.get(keyOf(name, "base")))!);
  await admin.put(keyOf(name, "base"), JSON.stringify({ id, base: String(base) }));
}

/** The code and the reason of a refusal. */
async function refusalOf(action: () => Promise<unknown>): Promise<string[]> {
  const { code, message } = await assertRejects(action, TickError);
  return [code, message.replace(/^Cannot have a tick from \S+: /, "")];
}

function scenariosOn(cluster: EtcdCluster): Record<string, () => Promise<void>> {
  const admin = new EtcdAdmin(`http://${cluster.hosts[0]}`);
  return {
    async "the first tick is 1, and two authorities share one sequence"() {
      await using a = await open(cluster, "shared");
      await using b = await open(cluster, "shared");
      assertEquals(await a.current(), 0n);
      const ticks = [await a.next(), await b.next(), await b.next(10), await a.next(), await a.current()];
      assertEquals(ticks, [1n, 2n, 3n, 13n, 13n]);
    },

    async "calls that are made at once get their ticks in their order"() {
      await using authority = await open(cluster, "burst");
      const first = await Promise.all(Array.from({ length: 500 }, () => authority.next(2)));
      assertEquals(first, Array.from({ length: 500 }, (_, i) => BigInt(1 + 2 * i)));
    },

    async "more calls than are allowed to wait are refused, and the others served"() {
      await using authority = await open(cluster, "crowd");
      const calls = await Promise.allSettled(Array.from({ length: 100_001 }, () => authority.next()));
      assertEquals(calls.filter(({ status }) => status === "fulfilled").length, 100_000);
      const reasons = calls.filter((call) => call.status === "rejected").map(({ reason }) => reason.code);
      assertEquals(reasons, ["BUSY"]);
    },

    async "a block is handed out in order, and another authority's ticks are not in it"() {
      await using a = await open(cluster, "block", "?block=100");
      await using b = await open(cluster, "block", "?block=100");
      assertEquals([await a.next(), await b.next(), await a.next(5), await b.next()], [1n, 101n, 2n, 102n]);
      assertEquals(await a.current(), 200n);
      // 94 are left; more than that are only consecutive in a new block.
      assertEquals([await a.next(95), await a.next(), await a.next(150)], [201n, 296n, 301n]);
    },

    async "stamps never decrease, whoever makes them and however wrong the clocks are"() {
      await using ahead = await open(cluster, "stamps");
      await using behind = await open(cluster, "stamps", "?block=50");
      assertEquals(await ahead.nextStamped(1000n), { tick: 1n, utcNs: 1000n });
      assertEquals(await behind.next(), 2n);
      assertEquals(await behind.nextStamped(10n), { tick: 52n, utcNs: 1000n });
      assertEquals(await behind.next(), 53n, "ticks of one authority keep the order of its calls");
      assertEquals(await ahead.nextStamped(500n), { tick: 102n, utcNs: 1000n });
      assertEquals(await ahead.nextStamped(1001n), { tick: 103n, utcNs: 1001n });
    },

    async "a counter must be created, and creating it again changes nothing"() {
      const why = "there is no such counter; create it with chronos-ctl init --authority " +
        `${cluster.address("created")}.`;
      assertEquals(await refusalOf(() => EtcdAuthority.open(cluster.address("created"))), [
        "NO_COUNTER",
        why,
      ]);
      {
        await using authority = await open(cluster, "created");
        await authority.next(7);
      }
      await using again = await open(cluster, "created");
      assertEquals(await again.next(), 8n);
    },

    async "a counter that was deleted is not begun anew"() {
      await using authority = await open(cluster, "deleted");
      await authority.next();
      await admin.delete(keyOf("deleted"));
      const [code, why] = await refusalOf(() => open(cluster, "deleted"));
      assertEquals([code, /^the counter was deleted, .* take another name\.$/.test(why!)], ["CORRUPT", true]);
      assertEquals(
        (await refusalOf(() => EtcdAuthority.open(cluster.address("deleted"))))[0],
        "NO_COUNTER",
      );
      assertEquals(await refusalOf(() => authority.next()), [
        "CORRUPT",
        "the counter was deleted while it was in use.",
      ]);
    },

    async "a counter of which a part was deleted is refused by all, before and after the next request"() {
      await using authority = await open(cluster, "part");
      await authority.next();
      await admin.delete(keyOf("part", "bit00"));
      const refusal = ["CORRUPT", `what is stored below ${keyOf("part")} is not one whole counter.`];
      assertEquals(await refusalOf(() => open(cluster, "part")), refusal);
      assertEquals(await refusalOf(() => authority.next()), refusal);
      assertEquals(await refusalOf(() => authority.next()), refusal);
      assertEquals(await refusalOf(() => open(cluster, "part")), refusal);
    },

    async "a counter that is deleted with all that tells of it, and created anew, is another one"() {
      await using authority = await open(cluster, "anew");
      await authority.next();
      await admin.delete(keyOf("anew"));
      await admin.delete(keyOf("anew").slice(0, -1));
      await using successor = await open(cluster, "anew");
      assertEquals(await successor.next(5), 1n);
      assertEquals(await refusalOf(() => authority.next()), [
        "CORRUPT",
        "the counter was replaced by another one while it was in use.",
      ]);
    },

    async "a counter that goes back is refused"() {
      await using authority = await open(cluster, "back");
      await putOn(admin, "back", 1000n);
      await authority.next();
      await putOn(admin, "back", 0n);
      assertEquals(await refusalOf(() => authority.next()), [
        "CORRUPT",
        "the counter went back from tick 1000 to 1, as it does when a backup is restored.",
      ]);
    },

    async "an operator may put a counter on"() {
      await using authority = await open(cluster, "onward");
      await authority.nextStamped(5n);
      await putOn(admin, "onward", 1000n);
      assertEquals(await authority.nextStamped(1n), { tick: 1002n, utcNs: 5n });
    },

    async "what is stored and is no counter is refused"() {
      await admin.put(keyOf("foreign", "counter"), "42");
      const refusal = ["CORRUPT", `what is stored below ${keyOf("foreign")} is not one whole counter.`];
      assertEquals(await refusalOf(() => open(cluster, "foreign")), refusal);
    },

    async "the ticks end at the last u64"() {
      await using authority = await open(cluster, "end", "?block=2");
      await putOn(admin, "end", 2n ** 64n - 3n);
      assertEquals(await authority.next(), 2n ** 64n - 2n);
      assertEquals(await authority.next(), 2n ** 64n - 1n);
      assertEquals(await refusalOf(() => authority.next()), ["EXHAUSTED", "its ticks are used up."]);
    },

    async "as many as one transaction holds can wait for many ticks each"() {
      await using authority = await open(cluster, "many");
      const first = await Promise.all([900_000, 900_000, 1, 1_000_000].map((count) => authority.next(count)));
      assertEquals(first, [1n, 900_001n, 1_800_001n, 1_800_002n]);
    },

    async "counts and times out of range are refused, and cost no tick"() {
      await using authority = await open(cluster, "range");
      for (const count of [0, -1, 1.5, NaN, 1_000_001]) {
        assertEquals((await refusalOf(() => authority.next(count)))[0], "RANGE");
      }
      for (const utcNs of [-1n, 2n ** 63n]) {
        assertEquals((await refusalOf(() => authority.nextStamped(utcNs)))[0], "RANGE");
      }
      assertEquals(await authority.current(), 0n);
    },

    async "a tick whose answer was lost is skipped, never handed out again"() {
      await using proxy = new EtcdProxy(cluster.hosts[0]!);
      await using authority = await EtcdAuthority.open(
        cluster.address("lost").replace("etcd://", `etcd://${proxy.host},`),
        { create: true },
      );
      assertEquals(await authority.next(), 1n);
      proxy.loseNextAnswer();
      assertEquals(await authority.next(), 3n);
      assertEquals(await authority.current(), 3n);
    },

    async "a request that is carried out late, after others, takes ticks that nobody gets"() {
      await using proxy = new EtcdProxy(cluster.hosts[0]!);
      await using authority = await EtcdAuthority.open(
        cluster.address("late").replace("etcd://", `etcd://${proxy.host},`),
        { create: true },
      );
      const release = proxy.holdNextRequest();
      assertEquals(await authority.next(), 1n, "by the other host");
      assertEquals(await authority.nextStamped(77n), { tick: 2n, utcNs: 77n });
      assertEquals((await release())["succeeded"], true);
      assertEquals(await authority.current(), 3n);
      assertEquals(await authority.nextStamped(5n), { tick: 4n, utcNs: 77n });
    },

    async "a closed authority refuses, and what waits is refused with it"() {
      const authority = await open(cluster, "closed");
      const waiting = authority.next();
      const refusal = refusalOf(() => waiting);
      await authority[Symbol.asyncDispose]();
      await authority[Symbol.asyncDispose]();
      assertEquals(await refusal, ["CLOSED", "it was closed."]);
      for (
        const call of [() => authority.next(), () => authority.current(), () => authority.nextStamped(1n)]
      ) {
        assertEquals(await refusalOf(call), ["CLOSED", "it was closed."]);
      }
    },
  };
}

Deno.test({
  name: "EtcdAuthority on a real etcd",
  ignore: !available("etcd"),
  fn: async (t) => {
    await using cluster = await EtcdCluster.start({ members: 1 });
    await together(t, scenariosOn(cluster));
  },
});
