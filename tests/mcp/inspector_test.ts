/**
 * The MCP Inspector as the client: somebody else's reading of the protocol, on another runtime.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { available } from "../support/available.ts";
import { PublishedRecord } from "../support/published_record.ts";
import { Bundle } from "./support/bundle.ts";
import { HttpServerProcess } from "./support/http_server.ts";
import { type Inspected, Inspector } from "./support/inspector.ts";
import { LineClient } from "./support/line_client.ts";

const LOAD_REQUESTS = 200;
/** The Inspector's own exit code for a result with isError. */
const TOOL_ERROR = 5;

/** The result of a run in which nothing may go wrong. */
// deno-lint-ignore no-explicit-any
function resultOf({ code, stdout, stderr }: Inspected): any {
  assertEquals(code, 0, `${stderr}\n${stdout}`);
  return JSON.parse(stdout);
}

Deno.test({
  name: "the Inspector finds nothing to complain of: strict schemas, calls, load, over stdio and HTTP",
  ignore: !available("npx"),
  async fn(t) {
    using daemon = new PublishedRecord();
    const beat = setInterval(() => daemon.publish(), 500);
    try {
      await using bundle = await Bundle.make();
      const args = ["--shm-name", daemon.name];
      await using server = await HttpServerProcess.start(args);
      using inspector = new Inspector();
      const stdio = bundle.command(args);
      const http = [server.url];
      // The first use installs it; after that they can run side by side.
      const strict = await inspector.run(stdio, "--method", "tools/list", "--strict");
      const [time, load, status, guide, unlucky] = await Promise.all([
        inspector.callTool(stdio, "get_time"),
        inspector.callTool(stdio, "get_time", "--load", "--load-requests", String(LOAD_REQUESTS)),
        inspector.callTool(http, "get_daemon_status"),
        inspector.run(http, "--method", "resources/read", "--uri", "chronotick://guide"),
        inspector.callTool(stdio, "get_time_bounds", "--tool-arg", "duration_seconds=-1"),
      ]);

      await t.step("tools/list --strict", () => {
        assertEquals(resultOf(strict).tools.length, 10);
        assertEquals(strict.stderr.match(/^(Warning|Error).*$/gm), null);
      });
      await t.step("tools/call", () => assertEquals(resultOf(time).structuredContent.is_valid, true));
      await t.step("--load", () => {
        const { requests, ok, errors } = resultOf(load);
        assertEquals([requests, ok, errors], [LOAD_REQUESTS, LOAD_REQUESTS, 0]);
      });
      await t.step("over HTTP", () => assertEquals(resultOf(status).structuredContent.status, "ready"));
      await t.step("resources/read", () => assertMatch(resultOf(guide).contents[0].text, /^# How to reason/));
      await t.step("a tool's error", () => {
        assertEquals(unlucky.code, TOOL_ERROR);
        assertMatch(
          JSON.parse(unlucky.stdout).content[0].text,
          /^Cannot call get_time_bounds: duration_seconds: /,
        );
      });
    } finally {
      clearInterval(beat);
    }
  },
});

Deno.test("the bundle needs nothing around it: no permission but FFI, no configuration, no packages", async () => {
  await using bundle = await Bundle.make();
  using daemon = new PublishedRecord();
  await using client = new LineClient([], bundle.command(["--shm-name", daemon.name]));
  const { result } = await client.initialize();
  assertEquals(result.serverInfo.name, "chronotick");
  const answer = await client.ask(1, "tools/call", { name: "get_time", arguments: {} });
  assertEquals(answer.result.structuredContent.is_valid, true);
  assertEquals((await client.end()).code, 0);
});
