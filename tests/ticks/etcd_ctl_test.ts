import { assertEquals, assertMatch } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import { EtcdCluster } from "../../sim/etcd_cluster.ts";
import { parsePhi } from "../../ticks/phi_timestamp.ts";
import { available } from "../support/available.ts";

/** What the task runs. */
const CTL = manifest.tasks["chronos-ctl"].split(" ").slice(1);

/** Exit code, standard output and standard error of a command on the authority at `address`. */
async function ctl(address: string, ...args: readonly string[]): Promise<[number, string, string]> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...CTL, ...args, "--authority", address],
    cwd: new URL("../../", import.meta.url),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return [code, decoder.decode(stdout), decoder.decode(stderr)];
}

Deno.test({
  name: "chronos-ctl counts in a cluster that --authority names",
  ignore: !available("etcd"),
  fn: async () => {
    await using cluster = await EtcdCluster.start({ members: 1 });
    const address = cluster.address("orders");
    const [code, output, errors] = await ctl(address, "next");
    assertEquals([code, output], [1, ""]);
    assertMatch(
      errors,
      /^chronos-ctl: Cannot have a tick from etcd:\S+: there is no such counter; create it with .*\.\n$/,
    );
    assertEquals(await ctl(address, "init"), [0, `${address} is there; its last tick is 0.\n`, ""]);
    assertEquals(await ctl(address, "next"), [0, "1\n", ""]);
    assertEquals(await ctl(address, "next", "--count", "3"), [0, "2\n3\n4\n", ""]);
    const [, stamp] = await ctl(address, "stamp", "CLAUDE-A");
    const { agent, tick } = parsePhi(stamp.trim());
    assertEquals([agent, tick], ["CLAUDE-A", 5n]);
    assertEquals(await ctl(address, "init"), [0, `${address} is there; its last tick is 5.\n`, ""]);
    assertEquals(await ctl(address, "tick"), [0, "5\n", ""]);
    assertEquals((await ctl(address, "reset", "--force"))[0], 2, "a cluster's counter is never reset");
  },
});

Deno.test("chronos-ctl refuses an address of a cluster that is none, as wrong usage", async () => {
  assertEquals(await ctl("etcd://a/x?ca=ca.pem", "next"), [
    2,
    "",
    'chronos-ctl: Cannot use etcd://a/x?ca=ca.pem as an authority of ticks: "ca" needs TLS: write etcds://.\n',
  ]);
});
