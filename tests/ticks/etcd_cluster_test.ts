import { assert, assertEquals } from "@std/assert";
import { print } from "../../cli/run_command.ts";
import { EtcdCluster } from "../../sim/etcd_cluster.ts";
import { EtcdAuthority } from "../../ticks/etcd_authority.ts";
import { available } from "../support/available.ts";
import { EtcdClient, type Given } from "./etcd_client.ts";

const COUNTER = "orders";
/** Ticks that each client must get before the next fault. */
const PROGRESS = 30;
const ONE_SECOND_NS = 1_000_000_000n;

/** The longest that anybody waited for a tick that was asked for after `sinceNs`. */
function worstStallMs(clients: readonly EtcdClient[], sinceNs: bigint): number {
  const waits = clients.flatMap(({ given }) =>
    given.filter(({ gotNs }) => gotNs > sinceNs).map(({ askedNs, gotNs }) => Number(gotNs - askedNs) / 1e6)
  );
  return waits.reduce((worst, wait) => Math.max(worst, wait), 0);
}

function byTick(given: readonly Given[]): Given[] {
  return given.toSorted((a, b) => a.tick < b.tick ? -1 : 1);
}

/** Ticks that are less than one that somebody had already got when they were asked for. */
function overtaken(given: readonly Given[]): Given[] {
  let latestAskedNs = -1n;
  return byTick(given).filter(({ askedNs, gotNs }) => {
    if (askedNs > latestAskedNs) latestAskedNs = askedNs;
    return gotNs < latestAskedNs;
  });
}

Deno.test({
  name: "with the leader killed and a member paused no tick is given twice, and every order holds",
  ignore: !available("etcd"),
  fn: async () => {
    await using stack = new AsyncDisposableStack();
    const cluster = stack.use(await EtcdCluster.start());
    const address = cluster.address(COUNTER);
    await using authority = await EtcdAuthority.open(address, { create: true });
    const start = async (options: Partial<Parameters<typeof EtcdClient.start>[0]>) =>
      stack.use(await EtcdClient.start({ address, ...options }));
    const one = await Promise.all([start({}), start({})]);
    const stamped = await Promise.all([
      start({ kind: "stamped", clockErrorNs: ONE_SECOND_NS }),
      start({ kind: "stamped", clockErrorNs: -ONE_SECOND_NS }),
    ]);
    const inBlocks = await start({ address: `${address}?block=100` });
    const clients = [...one, ...stamped, inBlocks];
    const progress = () => Promise.all(clients.map((client) => client.progress(PROGRESS)));
    await progress();

    const killed = await cluster.leader();
    const stallMs: number[] = [];
    let sinceNs = clients[0]!.given.at(-1)!.gotNs;
    const fault = async (action: () => unknown) => {
      sinceNs = clients[0]!.given.at(-1)!.gotNs;
      await action();
      await progress();
      stallMs.push(worstStallMs(clients, sinceNs));
    };
    await fault(() => cluster.kill(killed));
    await fault(() => cluster.restart(killed));
    await cluster.caughtUp();
    const paused = await cluster.leader();
    await fault(() => cluster.signal(paused, "SIGSTOP"));
    await fault(() => cluster.signal(paused, "SIGCONT"));
    await Promise.all(clients.map((client) => client.stop()));

    const all = clients.flatMap(({ given }) => given);
    assertEquals(new Set(all.map(({ tick }) => tick)).size, all.length, "no tick twice");
    for (const { given } of clients) assertEquals(given, byTick(given), "the order of each client");
    assertEquals(overtaken([...one, ...stamped].flatMap(({ given }) => given)), [], "the order over clients");
    const stamps = byTick(stamped.flatMap(({ given }) => given)).map(({ utcNs }) => utcNs);
    assert(stamps.every((utcNs, i) => i === 0 || utcNs >= stamps[i - 1]!), "stamps never decrease");
    const highest = byTick(all).at(-1)!.tick;
    assert(await authority.current() >= highest);
    const [kill, restart, pause, resume] = stallMs.map((ms) => `${ms.toFixed(0)} ms`);
    print(
      `${all.length} ticks to ${clients.length} processes, none twice; longest wait with the leader killed ${kill}, ` +
        `it back ${restart}, the leader paused ${pause}, it back ${resume}\n`,
    );
  },
});
