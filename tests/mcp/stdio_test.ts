import { assert, assertEquals, assertMatch } from "@std/assert";
import { MAX_LINE_BYTES } from "../../mcp/stdio_transport.ts";
import { PublishedRecord } from "../support/published_record.ts";
import { LineClient } from "./support/line_client.ts";
import { SdkClient } from "./support/sdk_client.ts";

const GET_TIME = { name: "get_time", arguments: {} };

Deno.test("over stdio, with FFI permission alone, the SDK's client gets the time, pages, a guide and a prompt", async () => {
  using daemon = new PublishedRecord();
  await using client = await SdkClient.overStdio(["--shm-name", daemon.name]);
  const { data } = await client.call("get_time");
  // The name comes from the C library: no permission besides --allow-ffi was given.
  assertMatch(data.node_id, new RegExp(`^${Deno.hostname()}-[0-9a-f]{8}$`));
  const { resources } = await client.client.listResources();
  assertEquals(resources.map(({ uri }) => uri), [
    "chronotick://time",
    "chronotick://status",
    "chronotick://actions",
    "chronos://tick",
    "chronotick://guide",
  ]);
  assertEquals(JSON.parse(await client.read("chronotick://time")).is_valid, true);
  assertEquals(JSON.parse(await client.read("chronotick://status")).status, "ready");
  assertMatch(await client.read("chronotick://guide"), /^# How to reason with uncertain time\n/);
  const { messages } = await client.client.getPrompt({
    name: "plan_coordinated_action",
    arguments: { action: "open the valve", peers: "alpha, beta" },
  });
  assertMatch(
    (messages[0]!.content as { text: string }).text,
    /Action: open the valve\nPeers: alpha, beta\n/,
  );
  assertMatch(client.client.getInstructions() ?? "", /interval/);
});

Deno.test("the record may be a file, as where containers share a folder", async () => {
  using daemon = new PublishedRecord();
  await using client = await SdkClient.overStdio(["--shm-path", daemon.path]);
  assertEquals((await client.call("get_time")).isError, false);
});

Deno.test("followers of a page are told of a change of validity or source, and not of publications", async () => {
  using daemon = new PublishedRecord();
  const beat = setInterval(() => daemon.publish(), 20);
  try {
    await using client = await SdkClient.overStdio(["--shm-name", daemon.name]);
    for (const page of ["time", "status", "actions"]) {
      await client.client.subscribeResource({ uri: `chronotick://${page}` });
    }
    const actions = client.nextUpdate("chronotick://actions");
    const { corrected_time } = (await client.call("get_time")).data;
    await client.call("schedule_action", { target_corrected_time: corrected_time + 60, action_id: "a" });
    await actions;
    // Dozens of publications were made meanwhile.
    assertEquals(client.updates, ["chronotick://actions"]);

    const status = client.nextUpdate("chronotick://status");
    clearInterval(beat);
    daemon.publish({ flags: 0 });
    await status;
    assert(client.updates.includes("chronotick://time"));
    assertEquals(JSON.parse(await client.read("chronotick://time")).reason, "not_synchronized");

    await client.client.unsubscribeResource({ uri: "chronotick://status" });
    const unknown = client.client.subscribeResource({ uri: "chronotick://nothing" });
    assertMatch(await unknown.then(() => "", String), /no such resource here, only chronotick:\/\/time/);
  } finally {
    clearInterval(beat);
  }
});

Deno.test("hostile lines are answered or ignored, and the server goes on", async () => {
  using daemon = new PublishedRecord();
  await using client = new LineClient(["--shm-name", daemon.name]);
  await client.initialize();
  const faults: [string, number, unknown][] = [
    ["not JSON\n", -32700, null],
    ["{\n", -32700, null],
    ["\u0000\u0001\u0002\n", -32700, null],
    [`"${"x".repeat(MAX_LINE_BYTES)}"\n`, -32700, null],
    ["[]\n", -32600, null],
    [`[${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" })}]\n`, -32600, null],
    ["42\n", -32600, null],
    ["null\n", -32600, null],
    [`{"id":7,"method":"ping"}\n`, -32600, 7],
    [`{"jsonrpc":"1.0","id":"a","method":"ping"}\n`, -32600, "a"],
    [`{"jsonrpc":"2.0","id":{"x":1},"method":"ping"}\n`, -32600, null],
    [`{"jsonrpc":"2.0","id":8,"method":"no/such"}\n`, -32601, 8],
    [`{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"__proto__"}}\n`, -32602, 9],
    [`{"jsonrpc":"2.0","id":10,"method":"tools/call","params":{"name":"get_thyme"}}\n`, -32602, 10],
    [`{"jsonrpc":"2.0","id":11,"method":"resources/read","params":{"uri":"chronotick://x"}}\n`, -32602, 11],
  ];
  for (const [text, code, id] of faults) {
    await client.sendText(text);
    const answer = await client.receive();
    assertEquals([answer.error?.code, answer.id], [code, id], text.slice(0, 80));
    assert(!/\n\s*at /.test(answer.error.message), "no stack trace");
  }
  // These have no answer: of nothing that was asked, of nobody's request, and of blank lines.
  await client.send({ jsonrpc: "2.0", id: 999, result: {} });
  await client.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 12345 } });
  await client.send({ jsonrpc: "2.0", method: "notifications/nonsense" });
  await client.sendText("\n   \n");
  // A line in pieces, and two in one.
  const line = JSON.stringify({ jsonrpc: "2.0", id: "ü", method: "tools/call", params: GET_TIME }) + "\n";
  await client.sendText(line.slice(0, 30));
  await client.sendText(line.slice(30) + line);
  for (let answer = 0; answer < 2; answer++) {
    const { id, result } = await client.receive();
    assertEquals([id, result.isError], ["ü", undefined]);
  }
});

Deno.test("who asks and asks and reads no answers is heard no more until they are read", async () => {
  const requests = 10_000;
  await using client = new LineClient(["--shm-name", "chronotick_no_such"]);
  await client.initialize();
  const lines = Array.from({ length: requests }, (_, id) => `{"jsonrpc":"2.0","id":${id},"method":"ping"}\n`);
  const sent = client.sendText(lines.join("")).then(() => "all taken");
  // A server that kept all answers in memory would take half a megabyte of questions in much less.
  const patience = new Promise((resolve) => setTimeout(() => resolve("waiting"), 1000));
  assertEquals(await Promise.race([sent, patience]), "waiting");
  for (let id = 0; id < requests; id++) assertEquals((await client.receive()).id, id);
  assertEquals(await sent, "all taken");
});

Deno.test("every line on standard output is a message, whatever is logged", async () => {
  await using client = new LineClient(["--shm-name", "chronotick_no_such", "--debug"]);
  await client.initialize();
  await client.ask(1, "tools/call", GET_TIME);
  await client.ask(2, "tools/list");
  for (const line of client.lines) assertEquals(JSON.parse(line).jsonrpc, "2.0");
});

Deno.test("the server ends when its client has gone, also in the middle of a wait", async () => {
  using daemon = new PublishedRecord();
  await using client = new LineClient(["--shm-name", daemon.name]);
  await client.initialize();
  const { result } = await client.ask(1, "tools/call", GET_TIME);
  const wait = {
    name: "wait_until_time",
    arguments: { target_corrected_time: result.structuredContent.corrected_time + 600 },
  };
  await client.send({ jsonrpc: "2.0", id: 2, method: "tools/call", params: wait });
  await client.ask(3, "ping");
  assertEquals((await client.end()).code, 0);
});

Deno.test("a script that pipes its questions in and is done gets its answers, those that take a moment too", async () => {
  using daemon = new PublishedRecord();
  await using client = new LineClient(["--shm-name", daemon.name]);
  const { result } = await client.ask(1, "tools/call", GET_TIME);
  const target_corrected_time = result.structuredContent.corrected_time + 0.1;
  const params = { name: "wait_until_time", arguments: { target_corrected_time } };
  await client.send({ jsonrpc: "2.0", id: 2, method: "tools/call", params });
  const exit = client.end();
  assertEquals((await client.receive()).id, 2);
  assertEquals((await exit).code, 0);
});

Deno.test("no more than 64 waits are under way for one client", async () => {
  using daemon = new PublishedRecord();
  await using client = new LineClient(["--shm-name", daemon.name]);
  await client.initialize();
  const { result } = await client.ask(1, "tools/call", GET_TIME);
  const target_corrected_time = result.structuredContent.corrected_time + 600;
  for (let id = 100; id < 165; id++) {
    const params = { name: "wait_until_time", arguments: { target_corrected_time } };
    await client.send({ jsonrpc: "2.0", id, method: "tools/call", params });
  }
  const refused = await client.receive();
  assertEquals([refused.id, refused.result.isError], [164, true]);
  assertMatch(refused.result.content[0].text, /^Cannot begin another wait: 64 are under way\./);
  // A cancelled one makes room, and has no answer.
  await client.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 100 } });
  const past = { name: "wait_until_time", arguments: { target_corrected_time: 1 } };
  const answer = await client.ask(165, "tools/call", past);
  assertEquals([answer.id, answer.result.isError], [165, undefined]);
});
