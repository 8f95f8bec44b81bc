import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
  assertLessOrEqual,
} from "@std/assert";
import { readClockPair } from "../../ffi/clocks.ts";
import { fromIsoString, toNs } from "../../mod.ts";
import type { SimulatedClock } from "../../sim/clock.ts";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import type { ServerSettings } from "../../sim/server_settings.ts";
import { trueUtcNs } from "../../sim/truth.ts";
import { quickConfig, readyClient, SimulatedServers } from "../system/support/daemon_world.ts";
import { SdkClient, type ToolResult } from "./support/sdk_client.ts";

/** What each node's time server is off, s, and admits to be off at most; the last one admits nothing. */
const SERVERS: Readonly<Record<string, Partial<ServerSettings>>> = {
  alpha: { offsetErrorSeconds: 0.4e-3, rootDispersionSeconds: 1e-3 },
  beta: { offsetErrorSeconds: -0.7e-3, rootDispersionSeconds: 1e-3 },
  gamma: {},
  liar: { offsetErrorSeconds: 0.5 },
};
const HONEST = ["alpha", "beta", "gamma"];
const LEAD_SECONDS = 1.5;
/** A double of Unix seconds, and reading two clocks one after the other. */
const SLACK_NS = 5000n;

Deno.test("three agents on three clocks agree on the time and on an instant, meet there, and name the fourth that lies", async () => {
  using servers = await SimulatedServers.start(Object.values(SERVERS));
  const truth = servers.first.clock;
  await using stack = new AsyncDisposableStack();
  const agents = new Map<string, SdkClient>();
  await Promise.all(
    Object.keys(SERVERS).map(async (name, index) => {
      agents.set(name, await startAgent(name, servers, index, stack));
    }),
  );
  const ask = (names: Iterable<string>, tool: string, args: Record<string, unknown>) =>
    Promise.all([...names].map(async (name) => {
      const result = await agents.get(name)!.call(tool, args);
      assert(!result.isError, `${name}: ${result.sentence}`);
      return { name, ...result };
    }));

  const beforeNs = trueUtcNs(truth);
  const readings = await ask(Object.keys(SERVERS), "get_time", {});
  const afterNs = trueUtcNs(truth);
  const takenWithinSeconds = Number(afterNs - beforeNs) / 1e9;

  const peer_times = readings.map(({ data }) => ({
    id: data.node_id,
    time: data.iso,
    uncertainty: data.max_error,
  }));
  const settings = { taken_within_seconds: takenWithinSeconds, lead_seconds: LEAD_SECONDS };
  const rounds = await ask(HONEST, "synchronize_with_peers", { peer_times, ...settings });
  const [{ data: agreed }] = rounds as [typeof rounds[0]];
  for (const { data, sentence } of rounds) {
    assertEquals(data.disagreeing_peers, ["liar"]);
    assertEquals(data.agreeing_peers.toSorted(), HONEST);
    assertEquals([data.agreed_earliest, data.agreed_latest], [agreed.agreed_earliest, agreed.agreed_latest]);
    assertEquals(data.sync_point_iso, agreed.sync_point_iso);
    assertGreater(data.seconds_until_sync_point, LEAD_SECONDS / 2);
    assert(sentence.startsWith("3 of 4 peers agree") && sentence.includes("liar disagrees"), sentence);
  }
  assertLessOrEqual(ns(agreed.agreed_earliest), afterNs);
  assertGreaterOrEqual(ns(agreed.agreed_latest), beforeNs);

  await checkVectorClocks(agents.get("alpha")!, rounds, readings);

  const target_corrected_time = agreed.sync_point_iso;
  const wakes = await ask(Object.keys(SERVERS), "wait_until_time", { target_corrected_time });
  for (const { name, data } of wakes) {
    const wakeNs = truthAt(data.system_time, truth);
    const isWithin = wakeNs >= ns(data.earliest) - SLACK_NS && wakeNs <= ns(data.latest) + SLACK_NS;
    assertEquals(isWithin, name !== "liar", `${name} woke at ${wakeNs}, and says ${JSON.stringify(data)}`);
    const errorSeconds = Math.abs(Number(wakeNs - ns(target_corrected_time)) / 1e9);
    const stated = data.max_error + data.accuracy_achieved + Number(SLACK_NS) / 1e9;
    assertEquals(errorSeconds <= stated, name !== "liar");
    assertLess(data.max_error, 0.02);
  }
});

/** What each of them has heard of by its second round, and a clock that has an effect before its cause. */
async function checkVectorClocks(
  alpha: SdkClient,
  rounds: readonly (ToolResult & { name: string })[],
  readings: readonly ToolResult[],
): Promise<void> {
  const clockOf = (name: string) => rounds.find((round) => round.name === name)!.data.vector_clock;
  const [early, late] = [readings[0]!.data, readings.at(-1)!.data];
  const { data } = await alpha.call("synchronize_with_peers", {
    peer_times: [
      {
        id: "beta",
        time: early.iso,
        uncertainty: early.max_error,
        vector_clock: { ...clockOf("gamma"), beta: 2 },
      },
      { id: "gamma", time: late.iso, uncertainty: late.max_error, vector_clock: clockOf("gamma") },
    ],
    lead_seconds: 60,
  });
  assertEquals(data.vector_clock, { alpha: 2, beta: 2, gamma: 1 });
  // The liar's reading lies half a second ahead, and yet the earlier one knew of it.
  const [pair] = data.pairs;
  assertEquals([pair.by_interval, pair.by_vector_clock, pair.contradicts], ["before", "after", true]);
}

async function startAgent(
  name: string,
  servers: SimulatedServers,
  index: number,
  stack: AsyncDisposableStack,
): Promise<SdkClient> {
  const config = quickConfig({ servers: [servers.addresses[index]!], frequencyHz: 10 });
  const daemon = stack.use(await DaemonProcess.start({ config }));
  const args = ["--shm-name", daemon.shmName, "--node-id", name];
  const [agent] = await Promise.all([
    SdkClient.overStdio(args),
    readyClient(daemon).then((client) => client.close()),
  ]);
  return stack.use(agent);
}

function ns(iso: string): bigint {
  return toNs(fromIsoString(iso));
}

/** What the simulated truth was when this machine's clock read `systemSeconds`, a moment ago. */
function truthAt(systemSeconds: number, truth: SimulatedClock): bigint {
  const { rawNs, realtimeNs } = readClockPair();
  const agoNs = realtimeNs - BigInt(Math.round(systemSeconds * 1e6)) * 1000n;
  return truth.utcAt(rawNs - agoNs);
}
