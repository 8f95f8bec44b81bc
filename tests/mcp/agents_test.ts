import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  createChronotickAgent,
  createChronotickServer,
  createMinimalAgent,
  createMonitoringAgent,
  createMultiServiceAgent,
} from "../../mcp/mod.ts";
import { SdkClient } from "./support/sdk_client.ts";

Deno.test("the server is what the Claude Agent SDK takes: type sdk, a name, and an instance that connects", async () => {
  await using server = createChronotickServer();
  // It spreads what it is given.
  const { type, name, instance } = { ...server };
  assertEquals([type, name, typeof instance.connect], ["sdk", "chronotick", "function"]);
});

Deno.test("an agent may call the tools that it is given, by their full names, and is offered no others", async () => {
  await using all = createChronotickAgent();
  assertEquals(all.allowedTools.length, 10);
  assertEquals(all.allowedTools[0], "mcp__chronotick__get_time");
  await using some = createChronotickAgent({
    allowedTools: ["compare_times", "get_time"],
    serverKey: "clock",
  });
  assertEquals(some.allowedTools, ["mcp__clock__compare_times", "mcp__clock__get_time"]);
  assertEquals(Object.keys(some.mcpServers), ["clock"]);

  await using client = await SdkClient.inProcess({ tools: ["get_time"] });
  assertEquals((await client.client.listTools()).tools.map(({ name }) => name), ["get_time"]);
  const refused = await client.call("get_time_bounds", { duration_seconds: 1 }).then(() => "", String);
  assertMatch(refused, /there is no such tool here, only get_time\./);
});

Deno.test("ready-made agents: the time alone, the status alone, and beside other services", async () => {
  await using minimal = createMinimalAgent();
  await using monitoring = createMonitoringAgent({ serverKey: "watch" });
  assertEquals(minimal.allowedTools, ["mcp__chronotick__get_time"]);
  assertEquals(monitoring.allowedTools, ["mcp__watch__get_daemon_status"]);
  const weather = { command: "weather-server" };
  await using several = createMultiServiceAgent({ weather }, {
    allowedTools: ["get_time"],
    otherTools: ["mcp__weather__forecast"],
  });
  assertEquals(several.allowedTools, ["mcp__chronotick__get_time", "mcp__weather__forecast"]);
  assertEquals(Object.keys(several.mcpServers).toSorted(), ["chronotick", "weather"]);
  assertEquals(several.mcpServers["weather"], weather);
});

Deno.test("mistakes are told at once", () => {
  assertThrows(
    () => createChronotickAgent({ allowedTools: ["get_thyme"] }),
    RangeError,
    "there is no such tool",
  );
  assertThrows(() => createChronotickAgent({ serverKey: "my clock" }), RangeError, "letters, digits, _ or -");
  assertThrows(() => createMultiServiceAgent({ chronotick: {} }), RangeError, "another server has this key");
});
