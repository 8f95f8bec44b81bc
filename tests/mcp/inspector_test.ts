/**
 * The MCP Inspector, on Node, as the client: somebody else's reading of the protocol.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { available } from "../support/available.ts";
import { PublishedRecord } from "../support/published_record.ts";
import { Bundle } from "./support/bundle.ts";
import { HttpServerProcess } from "./support/http_server.ts";
import { LineClient } from "./support/line_client.ts";

const INSPECTOR = ["-y", "@modelcontextprotocol/inspector@2.12.0", "--cli"];
const LOAD_REQUESTS = 200;

/** Runs it to its end; `target` is what it is to connect to. */
async function inspect(target: readonly string[], ...options: string[]) {
  const { code, stdout, stderr } = await new Deno.Command("npx", {
    args: [...INSPECTOR, ...target, ...options],
    stdin: "null",
    env: { NO_COLOR: "1", npm_config_loglevel: "error" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** As {@linkcode inspect}, when nothing may go wrong; the result. */
// deno-lint-ignore no-explicit-any
async function result(target: readonly string[], ...options: string[]): Promise<any> {
  const { code, stdout, stderr } = await inspect(target, ...options);
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
      const stdio = bundle.command(args);
      // The first use installs it; after that they can run side by side.
      const strict = await inspect(stdio, "--method", "tools/list", "--strict");
      const [time, load, overHttp, guide, unlucky] = await Promise.all([
        result(stdio, "--method", "tools/call", "--tool-name", "get_time"),
        result(
          ...[stdio, "--method", "tools/call", "--tool-name", "get_time"] as const,
          ...["--load", "--load-requests", String(LOAD_REQUESTS)],
        ),
        result([server.url], "--method", "tools/call", "--tool-name", "get_daemon_status"),
        result([server.url], "--method", "resources/read", "--uri", "chronotick://guide"),
        inspect(
          ...[stdio, "--method", "tools/call", "--tool-name", "get_time_bounds"] as const,
          ...["--tool-arg", "duration_seconds=-1"],
        ),
      ]);

      await t.step("tools/list --strict", () => {
        assertEquals([strict.code, JSON.parse(strict.stdout).tools.length], [0, 8]);
        assertEquals(strict.stderr.match(/^(Warning|Error).*$/gm), null);
      });
      await t.step("tools/call", () => assertEquals(time.structuredContent.is_valid, true));
      await t.step("--load", () => {
        assertEquals([load.requests, load.ok, load.errors], [LOAD_REQUESTS, LOAD_REQUESTS, 0]);
      });
      await t.step("over HTTP", () => assertEquals(overHttp.structuredContent.status, "ready"));
      await t.step("resources/read", () => assertMatch(guide.contents[0].text, /^# How to reason/));
      await t.step("a tool's error", () => {
        // Its own exit code for isError.
        assertEquals(unlucky.code, 5);
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
