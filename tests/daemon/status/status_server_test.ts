import {
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { MAX_CONNECTIONS } from "../../../daemon/status/http_server.ts";
import { ROUTES } from "../../../daemon/status/routes.ts";
import { StatusError } from "../../../daemon/status/status_error.ts";
import { available } from "../../support/available.ts";
import { pythonWith, runPython } from "../../support/python_module.ts";
import { askSocket } from "../../system/support/status_client.ts";
import { Served, someStatus } from "./support/served.ts";

const curl = { ignore: !available("curl") };
const ON_TCP = '{ http: "127.0.0.1:0" }';

/** Sends `head` as it stands; the answer until the server closes the connection. */
async function exchange(url: string, head: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const bytes = typeof head === "string" ? new TextEncoder().encode(head) : head;
  const [answer] = await Promise.all([textUntilEnd(connection), writeAll(connection, bytes)]);
  return answer;
}

/** A server that has heard enough may close before it has read all. */
async function writeAll(connection: Deno.Conn, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at, at + 65_536));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset)) {
      throw error;
    }
  }
}

async function textUntilEnd(connection: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  try {
    for (let size = await connection.read(buffer); size !== null; size = await connection.read(buffer)) {
      text += decoder.decode(buffer.subarray(0, size), { stream: true });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return text;
}

function statusLine(answer: string): string {
  return answer.split("\r\n", 1)[0]!;
}

Deno.test("every path answers curl over the Unix socket with what its schema says", curl, async () => {
  await using served = await Served.start();
  for (const [path, { schema }] of Object.entries(ROUTES)) {
    if (schema === null) continue;
    const { status, document } = await askSocket(served.socketPath, path);
    assertEquals(status, 200, path);
    schema.parse(document);
  }
  const { document } = await askSocket(served.socketPath, "/v1/status");
  assertEquals([document.health, document.clock.rung, document.servers.length], [
    "healthy",
    "measurement",
    0,
  ]);
});

interface PathItem {
  readonly get: {
    readonly responses: Record<number, { content: Record<string, { schema: { $ref?: string } }> }>;
  };
}

const judge = pythonWith("jsonschema", "python3-jsonschema");
Deno.test(
  "the documents are what openapi.json says, by Python's validator",
  { ignore: judge === null },
  async () => {
    await using served = await Served.start(ON_TCP);
    const ask = async (path: string) => await (await fetch(served.url + path)).json();
    const openapi = await ask("/openapi.json");
    const documents: Record<string, unknown> = {};
    for (const [path, { get }] of Object.entries<PathItem>(openapi.paths)) {
      const reference = get.responses[200]!.content["application/json"]?.schema.$ref;
      if (reference !== undefined) documents[path] = [reference, await ask(path)];
    }
    documents["/nowhere"] = ["#/components/schemas/Refusal", await ask("/nowhere")];
    const code = `
import json, sys
from jsonschema import Draft202012Validator
given = json.load(sys.stdin)
for path, (reference, document) in given["documents"].items():
    schema = {"$ref": reference, "components": given["components"]}
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)
    broken = dict(document); broken.pop(next(iter(broken)))
    print(path, Draft202012Validator(schema).is_valid(broken))`;
    const printed = await runPython(
      judge!,
      code,
      JSON.stringify({ documents, components: openapi.components }),
    );
    // Each is right, and wrong as soon as its first field is missing.
    assertEquals(printed.split("\n").sort(), Object.keys(documents).map((path) => `${path} False`).sort());
  },
);

const prometheus = pythonWith("prometheus_client", "python3-prometheus-client");
Deno.test("the metrics are what Prometheus' own parser reads", { ignore: prometheus === null }, async () => {
  await using served = await Served.start(ON_TCP, { status: { ...someStatus(), tornReadRetries: 9 } });
  const text = await (await fetch(`${served.url}/metrics`)).text();
  const code = `
import sys
from prometheus_client.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.read()):
    for sample in family.samples:
        print(family.type, sample.name, sorted(sample.labels.items()), repr(sample.value))`;
  const lines = (await runPython(prometheus!, code, text)).split("\n");
  const value = (start: string) => Number(lines.find((line) => line.startsWith(start))!.split(" ").at(-1));
  assertEquals(value("counter chronotick_torn_read_retries_total"), 9);
  assertEquals(value("counter chronotick_late_publications_total"), 3);
  assertEquals(value("gauge chronotick_rung [('rung', 'measurement')]"), 1);
  assertEquals(value("counter chronotick_disruptions_total [('reason', 'suspend')]"), 0);
  assertEquals(value("counter chronotick_measurements_total"), 60);
  const { max_error_seconds } = (await (await fetch(`${served.url}/v1/status`)).json()).clock;
  assertAlmostEquals(value("gauge chronotick_max_error_seconds"), max_error_seconds, 1e-12);
});

Deno.test("events come as server-sent events", async () => {
  await using served = await Served.start(ON_TCP);
  const { body, headers } = await fetch(`${served.url}/v1/events?hz=10`);
  assertEquals(headers.get("content-type"), "text/event-stream");
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("event: status\n")) text += (await reader.read()).value ?? "";
  served.log.warning("ntp", "something happened");
  while (!text.includes("something happened")) text += (await reader.read()).value ?? "";
  assertMatch(text, /^event: happening\ndata: \{.*\}\n\n/);
  assertMatch(text, /event: moment\ndata: \{"utc_seconds":.*\}\n\n/);
  await reader.cancel();
});

Deno.test("the socket is its owner's alone, or as the configuration says, and is gone with the server", async () => {
  for (const [settings, mode] of [["{}", 0o600], ['{ socket_mode: "0660" }', 0o660]] as const) {
    let path: string;
    {
      await using served = await Served.start(settings);
      path = served.socketPath;
      assertEquals((await Deno.lstat(path)).mode! & 0o777, mode);
    }
    await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);
  }
});

Deno.test("a socket left by the dead is taken over; one that lives, and a file, are left alone", async () => {
  const listen = (path: string) => Deno.listen({ transport: "unix", path });
  await using _after = await Served.start("{}", {
    prepare: (folder) => {
      const path = `${folder}/chronotick.sock`;
      listen(path).close();
      // Deno removes the name with the listener: put a dead socket there as a killed process leaves it.
      leaveDeadSocket(path);
    },
  });
  let alive: Deno.Listener | undefined;
  await using beside = await Served.start("{}", {
    prepare: (folder) => void (alive = listen(`${folder}/chronotick.sock`)),
  });
  assertStringIncludes(
    beside.lines.join("\n"),
    "another process serves there. Choose another one with status.socket_path",
  );
  assertStringIncludes(beside.lines.join("\n"), "Going on without.");
  alive!.close();
  await using withFile = await Served.start("{}", {
    prepare: (folder) => Deno.writeTextFile(`${folder}/chronotick.sock`, "mine"),
  });
  assertStringIncludes(withFile.lines.join("\n"), "something that is no socket has this name");
  assertEquals(await Deno.readTextFile(withFile.socketPath), "mine");
});

function leaveDeadSocket(path: string): void {
  const code = "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])";
  new Deno.Command("python3", { args: ["-c", code, path] }).outputSync();
}

Deno.test("what was asked for by name must be there: socket, port, token", async () => {
  const refused = async (settings: string, prepare = (_folder: string): void | Promise<void> => {}) =>
    (await assertRejects(() => Served.start(settings, { prepare }), StatusError)).message;
  assertMatch(
    await refused("{ socket_path: FOLDER/nowhere/x.sock }"),
    /^Cannot serve the status on \S+x\.sock: \S+nowhere: there is no such file or folder\. Choose another one with status\.socket_path/,
  );
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  assertMatch(
    await refused(`{ http: "127.0.0.1:${taken.addr.port}" }`),
    /^Cannot serve the status on 127\.0\.0\.1:\d+: .*in use.* Choose another one with --http\.$/i,
  );
  assertStringIncludes(
    await refused(`{ http: "127.0.0.1:0", token_file: FOLDER/t }`),
    "there is no such file",
  );
  assertStringIncludes(
    await refused(
      `{ http: "127.0.0.1:0", token_file: FOLDER/t }`,
      (folder) => Deno.writeTextFile(`${folder}/t`, "\n"),
    ),
    "it begins with no token",
  );
});

Deno.test("a token guards TCP and not the socket, which its mode guards", curl, async () => {
  await using served = await Served.start('{ http: "127.0.0.1:0", token_file: FOLDER/token }', {
    prepare: (folder) => Deno.writeTextFile(`${folder}/token`, "s3cret\nnot this\n"),
  });
  const ask = async (headers: HeadersInit) => {
    const response = await fetch(`${served.url}/v1/time`, { headers });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await ask({}), 401);
  assertEquals(await ask({ authorization: "Bearer not" }), 401);
  assertEquals(await ask({ authorization: "Bearer s3cret" }), 200);
  assertEquals((await askSocket(served.socketPath, "/v1/time")).status, 200);
});

Deno.test("bodies, endless heads and garbage get a clear answer and an end", async () => {
  await using served = await Served.start(ON_TCP);
  const head = (rest: string) => `GET /v1/time HTTP/1.1\r\nHost: localhost\r\n${rest}\r\n`;
  const post = new TextEncoder().encode(
    "POST /v1/time HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n",
  );
  const big = new Uint8Array(10_000_000 + post.length);
  big.set(post);
  const cases: [string | Uint8Array<ArrayBuffer>, RegExp][] = [
    [big, /^(HTTP\/1\.1 405 .*)?$/],
    [head("Content-Length: 5\r\n") + "hello", /^HTTP\/1\.1 413 /],
    [head(`X: ${"x".repeat(20_000)}\r\n`), /^HTTP\/1\.1 431 /],
    [`GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, /^HTTP\/1\.1 4(31|14|00) /],
    ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", /^HTTP\/1\.1 (400|505) /],
    [
      "GET /v1/time HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\nConnection: close\r\n\r\n",
      /^HTTP\/1\.1 [24]\d\d /,
    ],
    ["GET /v1/time HTTP/1.1\r\nConnection: close\r\n\r\n", /^HTTP\/1\.1 4(00|21) /],
  ];
  for (const [sent, expected] of cases) assertMatch(statusLine(await exchange(served.url, sent)), expected);
  assertEquals((await fetch(`${served.url}/healthz`).then((response) => response.json())).ok, true);
});

Deno.test("connections beyond the limit are closed at once, and there is room again when others end", async () => {
  await using served = await Served.start(ON_TCP);
  const { hostname, port } = new URL(served.url);
  const connect = () => Deno.connect({ hostname, port: Number(port) });
  const idle = await Promise.all(Array.from({ length: MAX_CONNECTIONS }, connect));
  using surplus = await connect();
  assertEquals(await textUntilEnd(surplus), "");
  for (const connection of idle) connection.close();
  for (let attempt = 0;; attempt++) {
    // Closing takes its moment.
    const response = await fetch(`${served.url}/healthz`).catch(() => null);
    await response?.body?.cancel();
    if (response?.status === 200) break;
    if (attempt > 1000) throw new Error("There is no room again.");
  }
});
