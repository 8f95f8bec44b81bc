import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { MAX_BODY_BYTES } from "../../mcp/http/http_session.ts";
import { MAX_SESSIONS } from "../../mcp/http/session_table.ts";
import { PublishedRecord } from "../support/published_record.ts";
import { HttpServerProcess } from "./support/http_server.ts";
import { SdkClient } from "./support/sdk_client.ts";

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "by hand", version: "1" } },
};

/** A POST as an MCP client sends it; what `headers` has comes on top. */
async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, sessionId: response.headers.get("mcp-session-id") };
}

/** A request as no browser and no library sends it; the answer's status line. */
async function raw(url: string, lines: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n"));
  const bytes = new Uint8Array(4096);
  const length = await connection.read(bytes);
  return new TextDecoder().decode(bytes.subarray(0, length ?? 0)).split("\r\n")[0]!;
}

Deno.test("over HTTP two of the SDK's clients have sessions of their own, and are told of changes", async () => {
  using daemon = new PublishedRecord();
  await using server = await HttpServerProcess.start(["--shm-name", daemon.name]);
  await using first = await SdkClient.overHttp(server.url);
  await using second = await SdkClient.overHttp(server.url);
  daemon.publish(); // the server may have taken longer to start than a record is good for
  const { corrected_time } = (await first.call("get_time")).data;
  await first.call("schedule_action", { target_corrected_time: corrected_time + 60, action_id: "mine" });
  assertEquals(JSON.parse(await first.read("chronotick://actions")).due.length, 1);
  assertEquals(JSON.parse(await second.read("chronotick://actions")).due.length, 0);

  await first.client.subscribeResource({ uri: "chronotick://status" });
  const update = first.nextUpdate("chronotick://status");
  daemon.publish({ flags: 0 });
  await update;
  assertEquals((await second.call("get_time")).isError, true);
  assertEquals(await server.stop(), { code: 0, log: "" });
});

Deno.test("a page that has rebound its name to this machine is refused, and so is one of another origin", async () => {
  await using server = await HttpServerProcess.start([]);
  const { host, port } = new URL(server.url);
  const status = (...headers: string[]) => raw(server.url, ["GET /mcp HTTP/1.1", ...headers]);
  assertMatch(await status(`Host: evil.example:${port}`), / 403 /);
  assertMatch(await status(`Host: 127.0.0.1.evil.example`), / 403 /);
  assertMatch(await status(`Host: ${host}`, "Origin: http://evil.example"), / 403 /);
  assertMatch(await status(`Host: ${host}`, "Origin: null"), / 403 /);
  assertMatch(await status(`Host: ${host}`, `Origin: http://localhost.evil.example`), / 403 /);
  // Past the doors: MCP itself now complains of what is missing.
  assertMatch(await status(`Host: ${host}`, "Origin: http://localhost:6274"), / 406 /);
  assertMatch(await status(`Host: localhost:${port}`), / 406 /);
  assertEquals((await post(server.url.replace("/mcp", "/other"), INITIALIZE)).status, 404);
});

Deno.test("a token is demanded of everybody once there is one, and others are served only with one", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chronotick-mcp-" });
  try {
    const tokenFile = `${folder}/token`;
    await Deno.writeTextFile(tokenFile, "0123456789abcdef0123456789abcdef\n", { mode: 0o600 });
    const args = ["--allow-remote", "--token-file", tokenFile];
    await using server = await HttpServerProcess.start(args, "0.0.0.0:0");
    const status = async (headers: Record<string, string>) =>
      (await post(server.url, INITIALIZE, headers)).status;
    assertEquals(await status({}), 401);
    assertEquals(await status({ authorization: "Bearer 0123456789abcdef0123456789abcdee" }), 401);
    assertEquals(await status({ authorization: "Basic 0123456789abcdef0123456789abcdef" }), 401);
    assertEquals(await status({ authorization: "Bearer 0123456789abcdef0123456789abcdef" }), 200);
    await using client = await SdkClient.overHttp(server.url, {
      authorization: "Bearer 0123456789abcdef0123456789abcdef",
    });
    assertEquals((await client.client.listTools()).tools.length, 10);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("hostile requests are refused one by one, and the server goes on", async () => {
  await using server = await HttpServerProcess.start([]);
  assertEquals((await post(server.url, "not JSON")).status, 400);
  assertEquals((await post(server.url, { jsonrpc: "2.0", id: 1, method: "ping" })).status, 400);
  assertEquals((await post(server.url, `"${"x".repeat(MAX_BODY_BYTES)}"`)).status, 413);
  assertEquals((await post(server.url, INITIALIZE, { "content-type": "text/plain" })).status, 415);
  const unknown = await post(server.url, INITIALIZE, { "mcp-session-id": "nobody" });
  assertEquals(unknown.status, 404);
  assertMatch(unknown.text, /Cannot find this session: .* Initialize a new one/);
  assertEquals((await fetch(server.url, { method: "PUT" })).status, 405);

  const opened = await post(server.url, INITIALIZE);
  const headers = { "mcp-session-id": opened.sessionId! };
  const answer = await post(server.url, { jsonrpc: "2.0", id: 5, method: "no/such" }, headers);
  assertMatch(answer.text, /"code":-32601/);
  const ended = await fetch(server.url, { method: "DELETE", headers });
  await ended.body?.cancel();
  assertEquals(ended.status, 200);
  assertEquals((await post(server.url, { jsonrpc: "2.0", id: 6, method: "ping" }, headers)).status, 404);
});

Deno.test("sessions are bounded: the longest idle one makes room", async () => {
  await using server = await HttpServerProcess.start([]);
  const open = async () => (await post(server.url, INITIALIZE)).sessionId!;
  const ping = async (id: string) =>
    (await post(server.url, { jsonrpc: "2.0", id: 1, method: "ping" }, { "mcp-session-id": id })).status;
  const [first, second] = [await open(), await open()];
  for (let count = 2; count < MAX_SESSIONS; count++) assertNotEquals(await open(), first);
  assertEquals(await ping(first), 200); // so that the second one is the longest idle
  await open();
  assertEquals([await ping(first), await ping(second)], [200, 404]);
});
