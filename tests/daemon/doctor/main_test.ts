import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import manifest from "../../../deno.json" with { type: "json" };
import { SimulatedServers } from "../../system/support/daemon_world.ts";

const PROJECT = new URL("../../../", import.meta.url).pathname;
const TIMEOUT_MS = 30_000;

/** Runs the doctor as its task does, with `config` for its configuration. */
async function doctor(config: string, ...args: string[]) {
  const file = await Deno.makeTempFile({ prefix: "chronotick-doctor-", suffix: ".yaml" });
  await Deno.writeTextFile(file, config);
  const [, ...command] = manifest.tasks.doctor.split(" ");
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...command, "--config", file, ...args],
      cwd: PROJECT,
      env: { NO_COLOR: "1", XDG_RUNTIME_DIR: "/tmp" },
      stdin: "null",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).output();
    const decoder = new TextDecoder();
    return { code, output: decoder.decode(stdout), errors: decoder.decode(stderr) };
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("deno task doctor ends with 0 where the daemon can do its work, and tells all that it looked at", async () => {
  using servers = await SimulatedServers.start([{}, {}, {}]);
  const list = servers.addresses.map(({ hostname, port }) => `"${hostname}:${port}"`).join(", ");
  const [people, script] = await Promise.all(
    [[], ["--json"]].map((args) => doctor(`ntp: { servers: [${list}] }`, ...args)),
  );
  assertEquals([people!.code, people!.errors], [0, ""]);
  assertMatch(people!.output, /^ok {7}C library {6}/);
  assertMatch(people!.output, /^ok {7}time servers {4}3 of 3 servers answer$/m);
  assertEquals(script!.code, 0);
  const { is_well: isWell, findings } = JSON.parse(script!.output);
  assertEquals(isWell, true);
  const checks = findings.map(({ check }: { check: string }) => check);
  for (const name of ["shared memory", "clocksource", "PTP clock", "kernel stamps", "state"]) {
    assertEquals(checks.includes(name), true, name);
  }
});

Deno.test("deno task doctor ends with 1 and what to do where the daemon cannot, and with 2 on a wrong configuration", async () => {
  const { code, output } = await doctor('ntp: { servers: ["127.0.0.1:9"] }');
  assertEquals(code, 1);
  assertMatch(
    output,
    /^failed {3}time servers {4}0 of 1 servers answer\n {25}→ See what stands with each of them\.$/m,
  );
  const wrong = await doctor("ntp: { servres: [] }");
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.errors, "did you mean ntp.servers?");
});
