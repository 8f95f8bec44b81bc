import { assertEquals, assertStringIncludes } from "@std/assert";
import { ChronoTickClient } from "../../client/client.ts";
import type { StatusAnswer } from "../../client/daemon_status.ts";
import { monitor } from "../../client/monitor.ts";
import { PublishedRecord } from "../support/published_record.ts";

const COLUMNS = 40;
/** Three rows of a terminal of 40 columns. */
const WHY = "w".repeat(2 * COLUMNS + 1);
const ANSWER: StatusAnswer = { status: { why: WHY, servers: [], unresolved: [] } };

Deno.test("monitor asks for the servers once a second at most, and finds its place again below wrapped lines", async () => {
  using record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name });
  const written: string[] = [];
  let questions = 0;
  await monitor(client, {
    intervalSeconds: 0.01,
    count: 3,
    isTerminal: true,
    columns: () => COLUMNS,
    write: (text) => written.push(text),
    askServers() {
      questions++;
      return ANSWER;
    },
    signal: new AbortController().signal,
  });
  assertEquals(questions, 1);
  const lines = written[1]!.split("\n").slice(0, -1);
  assertEquals(lines.at(-1), WHY);
  // The two times take a second row each (21 columns for the label, 30 for the time), the sentence two more.
  assertStringIncludes(written[2]!, `\x1b[${lines.length + 2 + 2}A`);
});
