import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { askDaemonStatus } from "../../client/daemon_status.ts";
import { UnixServer } from "../support/unix_server.ts";

const NOTHING = new Map<string, string>();
const STATUS = { why: "because", servers: [], unresolved: [], version: "1" };

function http(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n\r\n${body}`;
}

async function ask(answer: string) {
  await using server = await UnixServer.start(answer);
  return askDaemonStatus("chronotick_shm", server.path, NOTHING);
}

Deno.test("askDaemonStatus() gives the document that the daemon serves", async () => {
  assertEquals(await ask(http("200 OK", JSON.stringify(STATUS))), { status: STATUS });
});

Deno.test("askDaemonStatus() says why it has none from whoever answers otherwise", async () => {
  const answers = [
    http("503 Service Unavailable", "{}"),
    http("200 OK", "{}"),
    http("200 OK", "null"),
    http("200 OK", '{"why":'),
    "220 mail.example.org ready\r\n",
    "",
  ];
  for (const answer of answers) {
    const answered = await ask(answer);
    assert("fault" in answered);
    assertStringIncludes(answered.fault, "Cannot use the daemon's answer");
  }
});

Deno.test("askDaemonStatus() looks beside a record, and else in the user's folder and then the system's", async () => {
  await using server = await UnixServer.start(http("200 OK", JSON.stringify(STATUS)));
  const record = server.path.replace(/\.sock$/, "");
  assertEquals(askDaemonStatus(record, undefined, NOTHING), { status: STATUS });
  const folder = record.slice(0, record.lastIndexOf("/"));
  for (const name of ["RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"]) {
    assertEquals(askDaemonStatus("server", undefined, new Map([[name, folder]])), { status: STATUS });
  }
  const nowhere = askDaemonStatus("none_such", undefined, NOTHING);
  assertEquals(nowhere, {
    fault: "Cannot connect to /run/chronotick/none_such.sock: No such file or directory (ENOENT)",
  });
});
