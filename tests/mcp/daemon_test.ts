import { assertEquals, assertMatch } from "@std/assert";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import { pause, quickConfig, readyClient, SimulatedServers } from "../system/support/daemon_world.ts";
import { SdkClient, type ToolResult } from "./support/sdk_client.ts";

const PATIENCE_MS = 15_000;
const POLL_MS = 50;

/** The first answer of get_time that is an error, or is none. */
async function firstAnswer(client: SdkClient, isError: boolean): Promise<ToolResult> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const answer = await client.call("get_time");
    if (answer.isError === isError) return answer;
    await pause(POLL_MS);
  }
  throw new Error(`get_time went on for ${PATIENCE_MS} ms with isError ${!isError}`);
}

Deno.test("one MCP server outlives its daemons: killed, away, come back", async () => {
  using servers = await SimulatedServers.start([{}]);
  const config = quickConfig({ servers: servers.addresses });
  await using first = await DaemonProcess.start({ config });
  const { shmName } = first;
  (await readyClient(first)).close();
  await using client = await SdkClient.overStdio(["--shm-name", shmName]);
  assertEquals((await client.call("get_time")).isError, false);

  first.kill("SIGKILL");
  await first.ended();
  assertMatch(
    (await firstAnswer(client, true)).sentence,
    /nobody has published for [23]\.\d s, the daemon died/,
  );

  await using second = await DaemonProcess.start({ config, shmName });
  const { data } = await firstAnswer(client, false);
  assertEquals([data.is_valid, data.source], [true, "ntp"]);

  await second.stop();
  assertMatch((await firstAnswer(client, true)).sentence, /no such shared memory\. Start the daemon/);
});
