import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import { FREQUENCY, quickConfig, readyClient, SimulatedServers } from "./support/daemon_world.ts";

const SHM_NAME = `chronotick_test_${crypto.randomUUID().slice(0, 8)}`;

async function textOf(path: string): Promise<string> {
  const { stdout } = await new Deno.Command("cat", { args: [path] }).output();
  return new TextDecoder().decode(stdout).trim();
}

/** What a run on this boot of this machine would have left a minute ago. */
async function leftBehind() {
  return {
    version: 1,
    machine_id: await textOf("/etc/machine-id") || null,
    boot_id: await textOf("/proc/sys/kernel/random/boot_id"),
    saved_at_raw: Number(nowNs(Clock.MONOTONIC_RAW)) / 1e9 - 60,
    frequency: FREQUENCY,
    frequency_variance: (0.1e-6) ** 2,
    floors: {},
  };
}

/** How sure a daemon is of its oscillator's frequency as soon as it serves the time, s/s; it ends cleanly. */
async function firstDriftUncertainty(stateFolder: string): Promise<number> {
  using servers = await SimulatedServers.start([{}]);
  const config = quickConfig({ servers: servers.addresses });
  await using daemon = await DaemonProcess.start({ config, shmName: SHM_NAME, stateFolder });
  using client = await readyClient(daemon);
  const { driftUncertainty } = client.getTime();
  assertEquals((await daemon.stop()).code, 0);
  return driftUncertainty;
}

Deno.test("a daemon that starts again knows how its oscillator ran, and leaves that to the next one", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chronotick-state-" });
  try {
    // Nothing to begin with: 25 ppm, and as little to leave after so short a run.
    assertGreater(await firstDriftUncertainty(`${folder}/new`), 10e-6);
    const path = `${folder}/${SHM_NAME}.json`;
    const left = await leftBehind();
    await Deno.writeTextFile(path, JSON.stringify(left));
    assertLess(await firstDriftUncertainty(folder), 2e-6);
    const kept = JSON.parse(await Deno.readTextFile(path));
    assertGreater(kept.saved_at_raw, left.saved_at_raw + 60);
    assertEquals([kept.boot_id, kept.machine_id], [left.boot_id, left.machine_id]);
    assertLess(Math.abs(kept.frequency - FREQUENCY), 5e-6);
    assertEquals(Object.keys(kept.floors).length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
