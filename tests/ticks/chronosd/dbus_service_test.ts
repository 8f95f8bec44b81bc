import {
  assertEquals,
  assertGreaterOrEqual,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { busAddress, DbusError } from "../../../ticks/chronosd/dbus_service.ts";
import { available } from "../../support/available.ts";
import { ChronosdProcess } from "../../../sim/chronosd_process.ts";
import { LinePeer } from "./support/line_peer.ts";
import { type Ended, PrivateBus } from "./support/private_bus.ts";

const NAME = "org.jesternet.Chronos";
const PATH = "/org/jesternet/Chronos";
const STAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z::CLAUDE-A::TICK-\d{10}/;
const CAN_BE_NOBODY = available("setpriv") && Deno.uid() === 0;
const CAN_RUN = ["dbus-daemon", "busctl", "gdbus", "dbus-send"].every((program) => available(program));
const USER = Deno.env.get("USER") ?? "root";

/** A chronosd on a bus of its own. */
async function onBus(bus: PrivateBus, name: "system" | "session" = "system"): Promise<ChronosdProcess> {
  const variable = name === "system" ? "DBUS_SYSTEM_BUS_ADDRESS" : "DBUS_SESSION_BUS_ADDRESS";
  return await ChronosdProcess.start({ args: ["--dbus", name], environment: { [variable]: bus.address } });
}

function busctl(bus: PrivateBus, method: string, ...args: string[]): Promise<Ended> {
  return bus.run(["busctl", "call", NAME, PATH, NAME, method, ...args]);
}

Deno.test("the buses are where every D-Bus program looks for them", () => {
  const address = "unix:path=/x/bus";
  assertEquals(busAddress("system", new Map([["DBUS_SYSTEM_BUS_ADDRESS", address]])), address);
  assertEquals(busAddress("system", new Map()), "unix:path=/run/dbus/system_bus_socket");
  assertEquals(busAddress("session", new Map([["DBUS_SESSION_BUS_ADDRESS", address]])), address);
  assertThrows(() => busAddress("session", new Map()), DbusError, "DBUS_SESSION_BUS_ADDRESS is not set");
});

Deno.test({
  name: "busctl, gdbus and dbus-send get ticks, stamps and log entries from the service, under its policy",
  ignore: !CAN_RUN,
  async fn() {
    await using bus = await PrivateBus.start(USER);
    await using chronosd = await onBus(bus);
    assertEquals((await busctl(bus, "GetTick")).stdout, "t 0");
    assertEquals((await busctl(bus, "NextTick")).stdout, "t 1");
    const gdbus = await bus.run(
      ["gdbus", "call", "--system", "-d", NAME, "-o", PATH, "-m", `${NAME}.NextTick`],
    );
    assertEquals(gdbus.stdout, "(uint64 2,)");
    const dbusSend = ["dbus-send", "--system", "--print-reply=literal", `--dest=${NAME}`, PATH];
    assertEquals((await bus.run([...dbusSend, `${NAME}.NextTick`])).stdout, "uint64 3");
    const stamp = await bus.run([...dbusSend, `${NAME}.GetPhiTimestamp`, "string:CLAUDE-A"]);
    assertMatch(stamp.stdout, STAMP);
    const entry = await busctl(bus, "LogEvent", "ssss", "CLAUDE-A", 'say "hi"', "ok", "a\nb");
    const logged = JSON.parse(JSON.parse(entry.stdout.slice("s ".length)));
    assertMatch(logged.timestamp, /::CLAUDE-A::TICK-0000000005$/);
    assertEquals([logged.action, logged.status, logged.details], ['say "hi"', "ok", "a\nb"]);
    const version = await bus.run(["busctl", "get-property", NAME, PATH, NAME, "Version"]);
    assertEquals(version.stdout, 's "0.1.0"');
    using peer = await LinePeer.connect(chronosd.socket);
    assertEquals(await peer.ask("GET_TICK"), "5"); // socket and bus count the same ticks
  },
});

Deno.test({
  name: "what is asked wrongly over D-Bus is refused with an error name, moves no tick, and ends nothing",
  ignore: !CAN_RUN,
  async fn() {
    await using bus = await PrivateBus.start(USER);
    await using _chronosd = await onBus(bus);
    const dbusSend = ["dbus-send", "--system", "--print-reply", `--dest=${NAME}`, PATH];
    const agent = await bus.run([...dbusSend, `${NAME}.GetPhiTimestamp`, "string:two words"]);
    assertStringIncludes(agent.stderr, `Error ${NAME}.Error.AGENT_ID: Cannot use "two words" as an agent id`);
    const number = await bus.run([...dbusSend, `${NAME}.GetPhiTimestamp`, "uint32:5"]);
    assertStringIncludes(number.stderr, "Error org.freedesktop.DBus.Error.InvalidArgs: ");
    const surplus = await bus.run([...dbusSend, `${NAME}.NextTick`, "string:x"]);
    assertStringIncludes(surplus.stderr, "Error org.freedesktop.DBus.Error.InvalidArgs: ");
    const empty = await busctl(bus, "LogEvent", "ssss", "A", "", "", "");
    assertStringIncludes(empty.stderr, "Cannot log an entry");
    for (const method of ["emit", "constructor", "__proto__", "on", "Nothing"]) {
      const called = await bus.run([...dbusSend, `${NAME}.${method}`, "string:GetTick"]);
      assertStringIncludes(called.stderr, "Error org.freedesktop.DBus.Error.UnknownMethod", method);
    }
    const set = await bus.run(["busctl", "set-property", NAME, PATH, NAME, "Version", "s", "2"]);
    assertStringIncludes(set.stderr, "read-only");
    assertEquals((await busctl(bus, "GetTick")).stdout, "t 0");
  },
});

Deno.test({
  name: "the service describes itself to gdbus introspect",
  ignore: !CAN_RUN,
  async fn() {
    await using bus = await PrivateBus.start(null);
    await using _chronosd = await onBus(bus, "session");
    const { stdout } = await bus.run(["gdbus", "introspect", "--session", "-d", NAME, "-o", PATH]);
    const [, chronos] = /interface org\.jesternet\.Chronos \{([^}]*)\}/.exec(stdout)!;
    assertEquals(
      chronos!.replace(/\s+/g, " ").trim(),
      [
        "methods: GetTick(out t tick); NextTick(out t tick);",
        "GetPhiTimestamp(in s agent, out s timestamp);",
        "LogEvent(in s agent, in s action, in s status, in s details, out s entry);",
        "Shutdown(); signals: TickReserved(t tick);",
        "properties: readonly s Version = '0.1.0';",
      ].join(" "),
    );
  },
});

Deno.test({
  name:
    "who listens is told how far ticks are reserved, and after the bus was started anew the service is back",
  ignore: !CAN_RUN,
  async fn() {
    await using bus = await PrivateBus.start(USER);
    await using chronosd = await onBus(bus);
    using peer = await LinePeer.connect(chronosd.socket);
    const announced = bus.readUntil(
      ["gdbus", "monitor", "--system", "-d", NAME, "-o", PATH],
      /^\/org\/jesternet\/Chronos: org\.jesternet\.Chronos\.TickReserved \(uint64 (\d+),\)$/m,
    );
    // Each of these takes more than one reservation, so that one is announced whenever the listening has begun.
    let isTold = false;
    void announced.finally(() => isTold = true);
    while (!isTold) await peer.ask("NEXT_TICKS:100000");
    assertGreaterOrEqual(Number((await announced)[1]), 100_000);
    await bus.stop();
    await bus.listen();
    let back = await busctl(bus, "GetTick");
    for (let attempt = 0; attempt < 500 && back.code !== 0; attempt++) back = await busctl(bus, "GetTick");
    assertEquals(back.stdout, `t ${await peer.ask("GET_TICK")}`);
  },
});

Deno.test({
  name: "root alone shuts the service down: others are refused by the policy, and without it by the service",
  ignore: !CAN_RUN || !CAN_BE_NOBODY,
  async fn() {
    const shutdown = [
      "dbus-send",
      "--system",
      "--print-reply=literal",
      `--dest=${NAME}`,
      PATH,
      `${NAME}.Shutdown`,
    ];
    for (const serviceUser of [USER, null]) {
      await using bus = await PrivateBus.start(serviceUser);
      await using chronosd = await onBus(bus);
      const refused = await bus.run(shutdown, { asNobody: true });
      assertStringIncludes(refused.stderr, "Error org.freedesktop.DBus.Error.AccessDenied: ");
      assertStringIncludes(refused.stderr, serviceUser === null ? "only root may" : "Rejected send message");
      const asked = await bus.run(["busctl", "call", NAME, PATH, NAME, "NextTick"], { asNobody: true });
      assertEquals(asked.stdout, "t 1");
      assertEquals(await bus.run(shutdown), { code: 0, stdout: "", stderr: "" });
      const { code, log } = await chronosd.ended();
      assertEquals(code, 0);
      assertStringIncludes(log, "Stopped by D-Bus.");
    }
  },
});

Deno.test({
  name:
    "nobody but the service's user may own the name, and of two services the second says that it is taken",
  ignore: !CAN_RUN || !CAN_BE_NOBODY,
  async fn() {
    await using others = await PrivateBus.start("nobody");
    const environment = { DBUS_SYSTEM_BUS_ADDRESS: others.address };
    const folder = await Deno.makeTempDir({ prefix: "chronosd-" });
    const args = ["--init", "--dbus", "system"];
    const refused = await ChronosdProcess.runToEnd(folder, { args, environment });
    assertEquals(refused.code, 1);
    assertMatch(
      refused.log,
      /Cannot take the name .* is not allowed to own the service .*Install deploy\//,
    );
    await Deno.remove(folder, { recursive: true });

    await using bus = await PrivateBus.start(USER);
    await using first = await onBus(bus);
    const second = await ChronosdProcess.runToEnd(first.folder, {
      args: ["--socket", `${first.folder}/second.sock`, "--dbus", "system"],
      environment: { DBUS_SYSTEM_BUS_ADDRESS: bus.address },
    });
    assertEquals(second.code, 1);
    assertStringIncludes(second.log, "another process owns it");
  },
});
