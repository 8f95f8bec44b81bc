import {
  assertEquals,
  assertGreater,
  assertLessOrEqual,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { available } from "../support/available.ts";
import { randomShmName } from "../support/published_record.ts";
import { python } from "../support/python.ts";
import { type Ran, runToEnd } from "../support/run_to_end.ts";
import { ROLES } from "../../packaging/roles.ts";
import { CHRONOSD_COMMAND, ChronosdProcess } from "../../sim/chronosd_process.ts";
import { DAEMON_PERMISSIONS } from "../../sim/daemon_process.ts";
import { LinePeer } from "../ticks/chronosd/support/line_peer.ts";
import { allowedCalls, callsOf } from "./system_calls.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;
/** The highest exposure that `systemd-analyze security` may find: 0 is none, 10 all. */
const MAX_EXPOSURE = { "chronosd": 0.5, "chronotick-daemon": 2 } as const;
const UNITS = Object.keys(MAX_EXPOSURE) as (keyof typeof MAX_EXPOSURE)[];

/** SQLite, in which Deno keeps its caches when it runs from source, does this for root alone. */
const ONLY_FROM_SOURCE = "fchown";

function unitText(name: string): string {
  return Deno.readTextFileSync(`${PROJECT}deploy/${name}.service`);
}

/** Lets the program run from source as V8 runs it in its package. */
function environmentOf(name: string): Record<string, string> {
  const flags = ROLES.find((role) => role.name === name)!.v8Flags;
  return flags === undefined ? {} : { DENO_V8_FLAGS: flags };
}

function systemdAnalyze(...args: string[]): Promise<Ran> {
  return runToEnd("systemd-analyze", { args });
}

Deno.test({
  name: "systemd finds no fault in the units, and that they expose little",
  ignore: !available("systemd-analyze"),
  async fn() {
    for (const name of UNITS) {
      const folder = await Deno.makeTempDir({ prefix: "chronotick-units-" });
      const path = `${folder}/${name}.service`;
      // Whether the program is installed is not the question.
      const text = unitText(name);
      assertStringIncludes(text, `\nExecStart=/usr/bin/${name}`);
      await Deno.writeTextFile(path, text.replace(`/usr/bin/${name}`, "/bin/true"));
      assertEquals(await systemdAnalyze("verify", "--man=no", path), { code: 0, stdout: "", stderr: "" });
      const { stdout } = await systemdAnalyze("security", "--offline=yes", "--no-pager", path);
      const exposure = Number(/Overall exposure level for .*: ([\d.]+)/.exec(stdout)![1]);
      assertLessOrEqual(exposure, MAX_EXPOSURE[name], `${name}: ${exposure}`);
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "the system calls that chronosd makes are those that its unit allows",
  ignore: !available("strace") || !available("systemd-analyze") || !available("python3"),
  async fn() {
    const unit = unitText("chronosd");
    const folder = await Deno.makeTempDir({ prefix: "chronosd-" });
    const made = await callsOf({
      command: [...CHRONOSD_COMMAND, "--init"],
      environment: {
        ...environmentOf("chronosd"),
        CHRONOS_STATE_DIR: `${folder}/state`,
        CHRONOS_SOCKET: `${folder}/chronos.sock`,
      },
      ready: /hands out the ticks/,
      async work() {
        using peer = await LinePeer.connect(`${folder}/chronos.sock`);
        assertEquals(await peer.ask("NEXT_TICKS:100000"), "1");
        assertMatch((await peer.ask("STAMP:A"))!, /TICK-0000100001$/);
        assertMatch((await peer.ask('LOG:{"agent":"A","action":"b","status":"c"}'))!, /TICK-0000100002/);
      },
    });
    await Deno.remove(folder, { recursive: true });
    assertGreater(made.size, 20);
    const allowed = await allowedCalls(unit);
    assertEquals([...made].filter((call) => !allowed.has(call) && call !== ONLY_FROM_SOURCE), []);
  },
});

Deno.test({
  name: "the system calls that chronotick-daemon makes are those that its unit allows",
  ignore: !available("strace") || !available("systemd-analyze") || !available("python3"),
  async fn() {
    const unit = unitText("chronotick-daemon");
    const folder = await Deno.makeTempDir({ prefix: "chronotick-" });
    const shmName = randomShmName();
    await Deno.writeTextFile(
      `${folder}/config.yaml`,
      'ntp: { servers: ["127.0.0.1:9"], timeout_seconds: 0.2 }\n',
    );
    const made = await callsOf({
      command: [
        ...[Deno.execPath(), "run", ...DAEMON_PERMISSIONS],
        `${PROJECT}daemon/main.ts`,
        ...["--config", `${folder}/config.yaml`, "--shm-name", shmName, "--cpu-affinity", "0"],
      ],
      environment: {
        ...environmentOf("chronotick-daemon"),
        STATE_DIRECTORY: folder,
        RUNTIME_DIRECTORY: folder,
      },
      ready: /publishes chronotick_/,
      work: () => Promise.resolve(),
    });
    await Deno.remove(folder, { recursive: true });
    assertGreater(made.size, 20);
    const allowed = await allowedCalls(unit);
    assertEquals([...made].filter((call) => !allowed.has(call) && call !== ONLY_FROM_SOURCE), []);
  },
});

/** PR_SET_MDWE, of which `MemoryDenyWriteExecute` is made where the kernel has it (Linux 6.3), and the program to start. */
const DENY_WRITE_EXECUTE = `
import ctypes, os, sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) != 0: sys.exit("PR_SET_MDWE is not known here")
os.execvp(sys.argv[1], sys.argv[1:])
`;

Deno.test({
  name: "chronosd works without memory that is both writable and executable, as its unit demands",
  ignore: !available("python3") || !await deniesWriteExecute(),
  async fn() {
    const unit = unitText("chronosd");
    assertStringIncludes(unit, "\nMemoryDenyWriteExecute=yes\n");
    await using chronosd = await ChronosdProcess.start({
      environment: environmentOf("chronosd"),
      prefix: ["python3", "-c", DENY_WRITE_EXECUTE],
    });
    using peer = await LinePeer.connect(chronosd.socket);
    assertEquals(await peer.ask("NEXT_TICK"), "1");
    assertMatch((await peer.ask("STAMP:CLAUDE-A"))!, /::CLAUDE-A::TICK-0000000002$/);
  },
});

async function deniesWriteExecute(): Promise<boolean> {
  const args = ["-c", DENY_WRITE_EXECUTE, "true"];
  return (await new Deno.Command("python3", { args, stdout: "null", stderr: "null" }).output()).success;
}

Deno.test({
  name: "sysusers.d makes the user whom the units and the bus's policy name",
  ignore: !available("systemd-sysusers") || Deno.uid() !== 0,
  async fn() {
    const root = await Deno.makeTempDir({ prefix: "chronotick-sysusers-" });
    const args = [`--root=${root}`, `${PROJECT}deploy/chronos.sysusers.conf`];
    await Deno.mkdir(`${root}/etc`);
    const { success } = await new Deno.Command("systemd-sysusers", { args, stderr: "null" }).output();
    assertEquals(success, true);
    const users = await Deno.readTextFile(`${root}/etc/passwd`);
    await Deno.remove(root, { recursive: true });
    assertEquals(users.split("\n").map((line) => line.split(":")[0]), ["chronos", ""]);
    for (const name of UNITS) assertStringIncludes(unitText(name), "\nUser=chronos\n");
    const policy = await python(
      'import sys, xml.dom.minidom as m; print([p.getAttribute("user") for p in m.parse(sys.argv[1]).getElementsByTagName("policy") for a in p.getElementsByTagName("allow") if a.hasAttribute("own")])',
      `${PROJECT}deploy/org.jesternet.Chronos.conf`,
    );
    assertEquals(policy, "['chronos']");
  },
});
