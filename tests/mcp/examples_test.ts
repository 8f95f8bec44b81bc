import { assertEquals, assertMatch } from "@std/assert";
import { type Ran, runToEnd } from "../support/run_to_end.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;

function run(example: string, ...args: string[]): Promise<Ran> {
  return runToEnd(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", `${PROJECT}examples/${example}`, ...args],
    env: { NO_COLOR: "1" },
  });
}

Deno.test("examples/agent_integration.ts runs as it stands", async () => {
  const { code, stdout, stderr } = await run("agent_integration.ts");
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^The agent may call mcp__chronotick__get_time, /);
  // Which of them it is depends on how long the machine took between two readings.
  assertMatch(
    stdout,
    /\ncompare_times\n {2}(Nobody can tell which of the two was first|The first is certainly before the second)/,
  );
  assertMatch(
    stdout,
    /\nsynchronize_with_peers\n {2}2 of 3 peers agree on the time .*; liar disagrees; all can meet at /,
  );
  assertMatch(stdout, /\nwait_until_time\n {2}Woke [\d.]+ (ns|µs|ms) after the target/);
  assertMatch(stdout, /\n {2}Cannot schedule "too late": .* is certainly past/);
});

Deno.test("examples/stdio_mcp_client.ts runs as it stands", async () => {
  const { code, stdout, stderr } = await run("stdio_mcp_client.ts");
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^get_time +Get the corrected time\n/);
  assertMatch(stdout, /\nIt is 20\d\d-.*Z, certainly within ± /);
});
