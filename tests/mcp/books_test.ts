import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ActionBook, actionState, MAX_ACTIONS } from "../../mcp/action_book.ts";
import { explainError } from "../../mcp/explain.ts";
import { SILENT_LOG } from "../../mcp/log.ts";
import { MAX_TIMES, TimeBook } from "../../mcp/time_book.ts";

function at(seconds: number) {
  return { seconds, nanoseconds: 0 };
}

/** Now is between 100 and 102. */
const NOW = { earliest: at(100), latest: at(102) };

Deno.test("an action is due while its instant certainly lies ahead, past once it certainly is, and due now between", () => {
  const states = [99, 100, 101, 102, 103].map((seconds) =>
    actionState({ id: "a", target: at(seconds) }, NOW)
  );
  assertEquals(states, ["past", "due_now", "due_now", "due_now", "due"]);
});

Deno.test("a full book of actions forgets what was over first, and refuses when nothing is over", () => {
  const book = new ActionBook();
  for (let id = 0; id < MAX_ACTIONS; id++) {
    const target = at(id < 2 ? 50 - id : 200);
    assertEquals(book.schedule({ id: `${id}`, target }, NOW), "scheduled");
  }
  assertEquals(book.schedule({ id: "2", target: at(300) }, NOW), "rescheduled");
  assertEquals(book.schedule({ id: "new", target: at(300) }, NOW), "scheduled");
  assertEquals(book.list().map(({ id }) => id).slice(0, 2), ["0", "3"]); // "1" was over before "0"
  assertEquals(book.schedule({ id: "newer", target: at(300) }, NOW), "scheduled");
  assertEquals(book.schedule({ id: "newest", target: at(300) }, NOW), "full");
  assertEquals(book.list().length, MAX_ACTIONS);
});

Deno.test("the book of times knows its newest ones alone", () => {
  const book = new TimeBook();
  const ids = Array.from({ length: MAX_TIMES + 1 }, () => book.add(NOW));
  assertEquals([book.get(ids[0]!), book.get(ids[1]!), book.get(ids.at(-1)!)], [undefined, NOW, NOW]);
  assertEquals(new Set(ids).size, ids.length);
});

Deno.test("a fault of the program is a sentence for the model, and a stack trace in the log alone", () => {
  const logged: string[] = [];
  const log = { ...SILENT_LOG, error: (message: string) => void logged.push(message) };
  const sentence = explainError("get_time", new TypeError("x is not a function"), log);
  assertMatch(
    sentence,
    /^Cannot answer get_time: a fault in this server \(x is not a function\)\. Report it/,
  );
  assertStringIncludes(logged[0]!, "books_test.ts");
  assert(!sentence.includes("books_test.ts"));
});
