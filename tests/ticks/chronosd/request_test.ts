import { assertEquals, assertThrows } from "@std/assert";
import { TickError } from "../../../ticks/errors.ts";
import { MAX_COUNT } from "../../../ticks/check_demand.ts";

import { parseRequest, Refusal, refusalText } from "../../../ticks/chronosd/request.ts";

Deno.test("every command is read, with a carriage return at its end or without", () => {
  assertEquals(parseRequest("PING"), { kind: "ping" });
  assertEquals(parseRequest("PING\r"), { kind: "ping" });
  assertEquals(parseRequest("STATUS"), { kind: "status" });
  assertEquals(parseRequest("GET_TICK"), { kind: "get tick" });
  assertEquals(parseRequest("NEXT_TICK"), { kind: "next ticks", count: 1 });
  assertEquals(parseRequest("NEXT_TICKS:512"), { kind: "next ticks", count: 512 });
  assertEquals(parseRequest("STAMP:CLAUDE-A"), { kind: "stamp", agent: "CLAUDE-A" });
  assertEquals(parseRequest("STAMP_AT:1760909304472823544"), {
    kind: "stamp at",
    utcNs: 1760909304472823544n,
  });
  const entry = { agent: "CLAUDE-A", action: 'say "a:b"', status: "ok", details: "line\nbreak" };
  assertEquals(parseRequest(`LOG:${JSON.stringify(entry)}`), { kind: "log", event: entry });
  const { details: _, ...short } = entry;
  assertEquals(parseRequest(`LOG: ${JSON.stringify(short)}`), {
    kind: "log",
    event: { ...short, details: "" },
  });
});

Deno.test("what is no request is refused with its code and a sentence", () => {
  const refusals: readonly (readonly [string, string])[] = [
    ["", "UNKNOWN_COMMAND"],
    ["next_tick", "UNKNOWN_COMMAND"],
    ["NEXT_TICK ", "UNKNOWN_COMMAND"],
    ["constructor", "UNKNOWN_COMMAND"],
    ["__proto__:x", "UNKNOWN_COMMAND"],
    ["\u2028".repeat(1000), "UNKNOWN_COMMAND"],
    ["PING:", "BAD_ARGUMENT"],
    ["NEXT_TICK:1", "BAD_ARGUMENT"],
    ["NEXT_TICKS", "BAD_ARGUMENT"],
    ["NEXT_TICKS:", "BAD_ARGUMENT"],
    ["NEXT_TICKS:-1", "BAD_ARGUMENT"],
    ["NEXT_TICKS:1.5", "BAD_ARGUMENT"],
    ["NEXT_TICKS:1e3", "BAD_ARGUMENT"],
    ["NEXT_TICKS: 1", "BAD_ARGUMENT"],
    ["NEXT_TICKS:99999999999999999999999", "BAD_ARGUMENT"],
    ["STAMP_AT:", "BAD_ARGUMENT"],
    ["STAMP_AT:-5", "BAD_ARGUMENT"],
    ["LOG", "BAD_ARGUMENT"],
    ["LOG:{", "BAD_ARGUMENT"],
    ["LOG:[]", "BAD_ARGUMENT"],
    ["LOG:null", "BAD_ARGUMENT"],
    ['LOG:{"agent":"A","action":"b"}', "BAD_ARGUMENT"],
    ['LOG:{"agent":"A","action":"b","status":1}', "BAD_ARGUMENT"],
    ['LOG:{"agent":"A","action":"b","status":"c","__proto__":"d"}', "BAD_ARGUMENT"],
    ['LOG:{"agent":"A","action":"b","status":"c","extra":"d"}', "BAD_ARGUMENT"],
  ];
  for (const [line, code] of refusals) {
    const refusal = assertThrows(() => parseRequest(line), Refusal);
    assertEquals(refusal.code, code, line);
    const text = refusalText(refusal);
    assertEquals(text.split(":", 2), ["ERR", code]);
    assertEquals(text.length < 700, true, text);
  }
});

Deno.test("more ticks than one may take at once are refused, and so is none", () => {
  for (const count of ["0", String(MAX_COUNT + 1), "99999999999999999999"]) {
    assertEquals(assertThrows(() => parseRequest(`NEXT_TICKS:${count}`), TickError).code, "RANGE");
  }
  const request = parseRequest(`NEXT_TICKS:${MAX_COUNT}`);
  assertEquals(request, { kind: "next ticks", count: MAX_COUNT });
});

Deno.test("a refusal is one line, whatever its message holds", () => {
  assertEquals(refusalText(new TickError("UNAVAILABLE", "a\nb\r\n\tc: d")), "ERR:UNAVAILABLE:a b c: d");
});
