import { assert, assertEquals, assertRejects } from "@std/assert";
import { EtcdCluster } from "../../sim/etcd_cluster.ts";
import { TickError } from "../../ticks/errors.ts";
import { EtcdTickAuthority } from "../../ticks/etcd_authority.ts";
import { available } from "../support/available.ts";
import { together } from "../system/support/together.ts";
import { EtcdAdmin } from "./etcd_admin.ts";
import { EtcdProxy } from "./etcd_proxy.ts";

const ignore = !available("etcd");

/** The counter of `name` in `cluster`, created, with settings such as `?block=10`. */
function open(cluster: EtcdCluster, name: string, settings = ""): Promise<EtcdTickAuthority> {
  return EtcdTickAuthority.open(cluster.address(name) + settings, { create: true });
}

function keyOf(name: string): string {
  return `/chronotick/ticks/${name}/counter`;
}

/** The code and the reason of a refusal. */
async function refusalOf(action: () => Promise<unknown>): Promise<readonly [string, string]> {
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
      const stored = JSON.parse((await admin.get(keyOf("shared")))!);
      assertEquals(stored.last, "13");
    },

    async "calls that are made at once get their ticks in their order"() {
      await using authority = await open(cluster, "burst");
      const first = await Promise.all(Array.from({ length: 500 }, () => authority.next(2)));
      assertEquals(first, Array.from({ length: 500 }, (_, i) => BigInt(1 + 2 * i)));
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
      assertEquals(await ahead.nextStamped(1001n), { tick: 102n, utcNs: 1001n });
    },

    async "a counter must be created, and creating it again changes nothing"() {
      const why = "there is no such counter; create it with chronos-ctl init --authority " +
        `${cluster.address("created")}.`;
      assertEquals(await refusalOf(() => EtcdTickAuthority.open(cluster.address("created"))), [
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
      assertEquals(await refusalOf(() => authority.next()), [
        "CORRUPT",
        "the counter was deleted while it was in use.",
      ]);
      const [code, why] = await refusalOf(() => open(cluster, "deleted"));
      assertEquals([code, /^the counter was deleted, .* take another name\.$/.test(why)], ["CORRUPT", true]);
      assertEquals(
        (await refusalOf(() => EtcdTickAuthority.open(cluster.address("deleted"))))[0],
        "NO_COUNTER",
      );
      assertEquals(await admin.get(keyOf("deleted")), null);
    },

    async "a counter that goes back, or is another one, is refused"() {
      await using authority = await open(cluster, "back");
      const stored = (await admin.get(keyOf("back")))!;
      await authority.next(9);
      await admin.put(keyOf("back"), stored);
      assertEquals(await refusalOf(() => authority.next()), [
        "CORRUPT",
        "the counter went back from tick 9 to 0, as it does when a backup is restored.",
      ]);
    },

    async "an operator may put a counter on, in JSON as it comes"() {
      await using authority = await open(cluster, "onward");
      const { id } = JSON.parse((await admin.get(keyOf("onward")))!);
      await admin.put(keyOf("onward"), JSON.stringify({ utc_ns: "5", last: "1000", id }, null, 2) + "\n");
      assertEquals(await authority.nextStamped(1n), { tick: 1001n, utcNs: 5n });
    },

    async "what is stored and is no counter is refused"() {
      await using authority = await open(cluster, "foreign");
      await admin.put(keyOf("foreign"), "42");
      assertEquals(await refusalOf(() => authority.next()), [
        "CORRUPT",
        "what is stored there is no counter.",
      ]);
    },

    async "the ticks end at the last u64"() {
      await using authority = await open(cluster, "end", "?block=1000");
      const { id } = JSON.parse((await admin.get(keyOf("end")))!);
      await admin.put(keyOf("end"), JSON.stringify({ id, last: String(2n ** 64n - 3n), utc_ns: "0" }));
      assertEquals(await authority.next(), 2n ** 64n - 2n);
      assertEquals(await authority.next(), 2n ** 64n - 1n);
      assertEquals(await refusalOf(() => authority.next()), ["EXHAUSTED", "its ticks are used up."]);
    },

    async "counts and times out of range are refused, and cost no tick"() {
      await using authority = await open(cluster, "range");
      for (const count of [0, -1, 1.5, NaN, 1_000_001]) {
        assertEquals((await refusalOf(() => authority.next(count)))[0], "RANGE");
      }
      for (const utcNs of [-1n, 2n ** 64n]) {
        assertEquals((await refusalOf(() => authority.nextStamped(utcNs)))[0], "RANGE");
      }
      assertEquals(await authority.current(), 0n);
    },

    async "a tick whose answer was lost is skipped, never handed out again"() {
      await using proxy = new EtcdProxy(cluster.hosts[0]!);
      await using authority = await EtcdTickAuthority.open(
        cluster.address("lost").replace("etcd://", `etcd://${proxy.host},`),
        { create: true },
      );
      assertEquals(await authority.next(), 1n);
      proxy.loseNextAnswer();
      assertEquals(await authority.next(), 3n);
      assertEquals(await authority.current(), 3n);
    },

    async "a request that is carried out late, after others, changes nothing"() {
      await using proxy = new EtcdProxy(cluster.hosts[0]!);
      await using authority = await EtcdTickAuthority.open(
        cluster.address("late").replace("etcd://", `etcd://${proxy.host},`),
        { create: true },
      );
      const release = proxy.holdNextRequest();
      assertEquals(await authority.next(), 1n, "by the other host");
      assertEquals(await authority.nextStamped(77n), { tick: 2n, utcNs: 77n });
      assertEquals((await release())["succeeded"], undefined, "as etcd says it of a failed comparison");
      assertEquals([await authority.current(), await authority.next()], [2n, 3n]);
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
  name: "EtcdTickAuthority on a real etcd",
  ignore,
  fn: async (t) => {
    await using cluster = await EtcdCluster.start({ members: 1 });
    await together(t, scenariosOn(cluster));
  },
});

Deno.test({
  name: "EtcdTickAuthority speaks TLS and logs in, and again when its token is no longer known",
  ignore,
  fn: async () => {
    await using cluster = await EtcdCluster.start({ members: 1, isTls: true });
    const folder = await Deno.makeTempDir({ prefix: "chronotick-etcd-login-" });
    try {
      const file = async (name: string, text: string, mode = 0o600) => {
        await Deno.writeTextFile(`${folder}/${name}`, text, { mode });
        return `${folder}/${name}`;
      };
      const certificate = await cluster.certificate(0);
      const ca = await file("ca.pem", certificate);
      await new EtcdAdmin(`https://${cluster.hosts[0]}`, certificate).enableLogin(
        "ticker",
        "s3cret:with colon",
      );
      const login = await file("login", "ticker:s3cret:with colon\n");
      const address = `${cluster.address("secure")}?ca=${ca}`;

      await using authority = await EtcdTickAuthority.open(`${address}&login=${login}`, { create: true });
      assertEquals(await authority.next(), 1n);
      // Its simple tokens are in a member's memory.
      await cluster.kill(0);
      cluster.restart(0);
      assertEquals(await authority.next(), 2n);

      const refusal = (settings: string) => refusalOf(() => EtcdTickAuthority.open(settings));
      assertEquals(await refusal(address), [
        "NOT_PERMITTED",
        "it asks for a user: give ?login=FILE with one line user:password.",
      ]);
      assertEquals(await refusal(`${address}&login=${await file("wrong", "ticker:guess")}`), [
        "NOT_PERMITTED",
        "authentication failed, invalid user ID or password.",
      ]);
      const [code, why] = await refusal(cluster.address("secure"));
      assertEquals(code, "ADDRESS");
      assert(/^the certificate of 127\.\S+ is not trusted \(UnknownIssuer\); give \?ca=FILE/.test(why), why);
      const unusable = [
        [await file("open", "ticker:x", 0o644), /everybody may read .*, make it private with chmod 600\.$/],
        [await file("empty", ""), /must hold one line user:password\.$/],
        [`${folder}/absent`, /absent cannot be read \(No such file or directory/],
      ] as const;
      for (const [path, pattern] of unusable) {
        const [code, why] = await refusal(`${address}&login=${path}`);
        assertEquals([code, pattern.test(why)], ["ADDRESS", true], why);
      }
      const [, inClear] = await refusal(`etcd://db.example/secure?login=${login}`);
      assert(inClear.endsWith("a password would go to db.example:2379 in clear, write etcds://."), inClear);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
