import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import { eventually, quickConfig, readyClient, SimulatedServers } from "./support/daemon_world.ts";
import { runClient } from "./support/run.ts";

/** Nobody answers there: the discard port. */
const SILENT = { hostname: "127.0.0.1", port: 9 };

Deno.test("status shows the servers with reasons and why the bound is what it is, and ends with 3 when the daemon is dead", async () => {
  using servers = await SimulatedServers.start([{}, {}, {}]);
  const folder = await Deno.makeTempDir({ prefix: "chronotick-run-" });
  try {
    const config = quickConfig({ servers: [...servers.addresses, SILENT] });
    await using daemon = await DaemonProcess.start({
      config: `${config}status: { socket_path: ${folder}/status.sock }\n`,
    });
    using client = await readyClient(daemon);
    await daemon.line(/Serving the status on/); // the record comes first
    const socket = ["--status-socket", `${folder}/status.sock`];
    const { code, stdout, stderr } = await runClient("status", daemon.shmName, socket);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /\nThe bound is ± [^\n]+\.\n/);
    for (const { hostname, port } of servers.addresses) assertStringIncludes(stdout, `${hostname}:${port} `);
    assertMatch(stdout, /^ {3}127\.0\.0\.1:9 .*has not answered/m);
    const json = JSON.parse((await runClient("status", daemon.shmName, ["--json", ...socket])).stdout);
    assertEquals([json.health, json.writer_pid, json.daemon.pid], ["healthy", daemon.pid, daemon.pid]);
    assertEquals(json.daemon.servers.length, 4);

    daemon.kill("SIGKILL");
    await daemon.ended();
    await eventually("stale", 4000, () => client.read().state === "stale");
    const dead = await runClient("status", daemon.shmName, socket);
    assertEquals(dead.code, 3);
    assertMatch(dead.stdout, /stale: nobody has published/);
    assertMatch(dead.stdout, /servers +not told: Cannot connect to .*Connection refused/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
