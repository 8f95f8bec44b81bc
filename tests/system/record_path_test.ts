import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { ChronoTickClient } from "../../mod.ts";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import { quickConfig, SimulatedServers } from "./support/daemon_world.ts";

Deno.test("a daemon publishes in a file, takes no name of shared memory, and takes the file with it", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chronotick-record-" });
  const path = `${folder}/record`;
  try {
    using servers = await SimulatedServers.start([{}, {}, {}]);
    await using daemon = await DaemonProcess.start({
      config: `${quickConfig({ servers: servers.addresses })}shared_memory: { path: ${path} }\n`,
      isNameInConfig: true,
    });
    assertMatch(await daemon.line(/publishes/), new RegExp(`publishes ${path} at 100 Hz`));
    using client = new ChronoTickClient({ path });
    await client.waitUntilReady({ timeoutMs: 20_000 });
    assertEquals(client.read().writerPid, daemon.pid);
    assertThrows(() => Deno.statSync(`/dev/shm/${daemon.shmName}`), Deno.errors.NotFound);
    assertEquals((await daemon.stop()).code, 0);
    assertEquals([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
