import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { stringify } from "@std/yaml";
import manifest from "../../../deno.json" with { type: "json" };
import { ROLES } from "../../../packaging/roles.ts";
import { Flag } from "../../../mod.ts";
import { ChronosdProcess } from "../../../sim/chronosd_process.ts";
import { DaemonProcess } from "../../../sim/daemon_process.ts";
import { available } from "../../support/available.ts";
import { LineClient } from "../../mcp/support/line_client.ts";
import { PublishedRecord, randomShmName } from "../../support/published_record.ts";
import { PrivateBus } from "../../ticks/chronosd/support/private_bus.ts";
import { eventually, readyClient, SimulatedServers } from "../../system/support/daemon_world.ts";
import type { PackagedWorld } from "./packaged_world.ts";

const READY_TIMEOUT_MS = 30_000;

/** What each role must be able to do alone; `extension` ends the names of the packages. */
export function roleScenarios(world: PackagedWorld, extension: string): Record<string, () => Promise<void>> {
  const run = (role: string, ...args: string[]) => world.run(role + extension, args);
  return {
    async "every role's help tells its version and the name that one types"() {
      for (const { name } of ROLES) {
        const { code, stdout, stderr } = await run(name, "--help");
        assertEquals([code, stderr], [0, ""]);
        assert(stdout.startsWith(`${name} ${manifest.version}: `));
        assertMatch(stdout, new RegExp(`Usage: ${name} `));
        assert(!/deno task (client|daemon|mcp|chrono)/.test(stdout));
      }
    },

    async "chronotick-client finds no daemon, and says which program to start"() {
      const { code, stderr } = await run("chronotick-client", "read", "--shm-name", randomShmName());
      assertEquals(code, 3);
      assertStringIncludes(stderr, "Start the daemon with `chronotick-daemon`");
    },

    async "chronotick-daemon measures, loads both models and publishes; chronotick-client reads it"() {
      using servers = await SimulatedServers.start([{}, {}, {}]);
      await using daemon = await DaemonProcess.start({
        config: withModels(servers),
        packaged: world.daemon(`chronotick-daemon${extension}`),
      });
      using client = await readyClient(daemon);
      const ready = Flag.VALID | Flag.NTP_READY | Flag.MODELS_READY;
      await eventually(
        `MODELS_READY in ${daemon.lines.join("\n")}`,
        READY_TIMEOUT_MS,
        () => (client.read().flags & ready) === ready,
      );
      const { code, stdout, stderr } = await run("chronotick-client", "json", "--shm-name", daemon.shmName);
      assertEquals([code, stderr], [0, ""]);
      assertEquals(JSON.parse(stdout).writer_pid, daemon.pid);
      assertEquals((await daemon.stop()).code, 0);
    },

    async "chronotick-mcp tells an agent the time"() {
      using record = new PublishedRecord();
      const timer = setInterval(() => record.publish(), 50);
      try {
        await using agent = new LineClient(
          [],
          world.command(`chronotick-mcp${extension}`, ["--shm-name", record.name]),
        );
        assertEquals((await agent.initialize()).result.serverInfo.version, manifest.version);
        const { result } = await agent.ask(1, "tools/call", { name: "get_time", arguments: {} });
        assertEquals(result.isError ?? false, false);
        assertAlmostEquals(result.structuredContent.offset_correction, 0.025003, 1e-6);
        assertEquals((await agent.end()).code, 0);
      } finally {
        clearInterval(timer);
      }
    },

    async "chronosd gives chronos-ctl its ticks, and takes its name on D-Bus where there is one"() {
      await using stack = new AsyncDisposableStack();
      const bus = available("dbus-daemon") ? stack.use(await PrivateBus.start(null)) : null;
      const chronosd = stack.use(
        await ChronosdProcess.start({
          packaged: world.daemon(`chronosd${extension}`),
          ...(bus === null ? {} : onBus(bus)),
        }),
      );
      const next = await run("chronos-ctl", "next", "--socket", chronosd.socket);
      assertEquals([next.code, next.stdout], [0, "1\n"]);
      const { code, log } = await chronosd.end("SIGTERM");
      assertEquals(code, 0);
      assertStringIncludes(log, "Stopped by SIGTERM.");
    },

    async "chronos-ctl makes a counter and hands out its ticks"() {
      const folder = await Deno.makeTempDir({ prefix: "chronotick-ticks-" });
      const ctl = (...args: string[]) => run("chronos-ctl", ...args, "--state-dir", folder);
      try {
        assertEquals((await ctl("init")).code, 0);
        const next = [await ctl("next"), await ctl("next"), await ctl("tick")];
        assertEquals(next.map(({ code, stdout }) => [code, stdout]), [[0, "1\n"], [0, "2\n"], [0, "2\n"]]);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  };
}

function onBus({ address }: PrivateBus) {
  return { args: ["--dbus", "session"], environment: { DBUS_SESSION_BUS_ADDRESS: address } };
}

function withModels({ addresses }: SimulatedServers): string {
  return stringify({
    ntp: {
      servers: addresses.map(({ hostname, port }) => `${hostname}:${port}`),
      timeout_seconds: 0.5,
      warmup: { duration_seconds: 2, interval_seconds: 0.25 },
      interval_seconds: 0.25,
    },
  });
}
