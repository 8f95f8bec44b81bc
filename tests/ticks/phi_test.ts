import { assert, assertEquals, assertThrows } from "@std/assert";
import { checkAgentId } from "../../ticks/agent_id.ts";
import { TickError } from "../../ticks/errors.ts";
import { phiToJson } from "../../ticks/phi_json.ts";
import { MAX_DETAILS_CHARS, PhiLogEntry } from "../../ticks/phi_log_entry.ts";
import { comparePhi, formatPhi, MAX_UTC_NS, parsePhi } from "../../ticks/phi_timestamp.ts";
import { available } from "../support/available.ts";
import { python } from "../support/python.ts";

/** GNU date: `date -ud 2025-10-19T21:28:24.472823544Z +%s%N`. */
const EXAMPLE = { utcNs: 1_760_909_304_472_823_544n, agent: "CLAUDE-A", tick: 3n };
const EXAMPLE_TEXT = "2025-10-19T21:28:24.472823544Z::CLAUDE-A::TICK-0000000003";

function refused(action: () => unknown): TickError {
  return assertThrows(action, TickError);
}

Deno.test("formatPhi() writes the form that the documentation shows, and parsePhi() reads it", () => {
  assertEquals(formatPhi(EXAMPLE), EXAMPLE_TEXT);
  assertEquals(parsePhi(EXAMPLE_TEXT), EXAMPLE);
});

Deno.test("a tick is padded to ten digits and grows past them", () => {
  const text = (tick: bigint) => formatPhi({ ...EXAMPLE, tick }).split("::")[2];
  assertEquals(text(9_999_999_999n), "TICK-9999999999");
  assertEquals(text(10_000_000_000n), "TICK-10000000000");
  assertEquals(text(2n ** 64n - 1n), "TICK-18446744073709551615");
  for (const tick of [0n, 1n, 9_999_999_999n, 10_000_000_000n, 2n ** 64n - 1n]) {
    assertEquals(parsePhi(formatPhi({ ...EXAMPLE, tick })).tick, tick);
  }
});

Deno.test("parsePhi() reads the first and the last instant to the nanosecond", () => {
  for (const utcNs of [0n, 1n, 951_782_400_000_000_000n, MAX_UTC_NS]) {
    assertEquals(parsePhi(formatPhi({ ...EXAMPLE, utcNs })).utcNs, utcNs);
  }
});

Deno.test("parsePhi() refuses every text that formatPhi() would not write", () => {
  const time = "2025-10-19T21:28:24.472823544Z";
  const texts = [
    "",
    "nonsense",
    `${EXAMPLE_TEXT}\n`,
    ` ${EXAMPLE_TEXT}`,
    `${time}::A::TICK-1`,
    `${time}::A::TICK-00000000001`,
    `${time}::A::TICK--000000001`,
    `${time}::A::TICK-18446744073709551616`,
    `${time}::A::TICK-99999999999999999999999`,
    `${time}::A::TICK-١٢٣٤٥٦٧٨٩٠`,
    `${time}::::TICK-0000000001`,
    `${time}::-A::TICK-0000000001`,
    `${time}::A:B::TICK-0000000001`,
    `${time}::Ä::TICK-0000000001`,
    `${time}::A`,
    "2025-10-19T21:28:24.47282354Z::A::TICK-0000000001",
    "2025-10-19T21:28:24.472823544+00:00::A::TICK-0000000001",
    "2025-10-19t21:28:24.472823544z::A::TICK-0000000001",
    "2025-02-30T21:28:24.472823544Z::A::TICK-0000000001",
    "2025-13-01T21:28:24.472823544Z::A::TICK-0000000001",
    "2025-10-19T24:00:00.000000000Z::A::TICK-0000000001",
    "2016-12-31T23:59:60.000000000Z::A::TICK-0000000001",
    "1969-12-31T23:59:59.999999999Z::A::TICK-0000000001",
    "9999-12-31T23:59:59.999999999Z::A::TICK-0000000001",
  ];
  for (const text of texts) {
    assert(["PHI_TIMESTAMP", "AGENT_ID"].includes(refused(() => parsePhi(text)).code), text);
  }
});

Deno.test("formatPhi() refuses a time before 1970, one that no i64 holds, and a tick that no u64 holds", () => {
  for (const wrong of [{ utcNs: -1n }, { utcNs: MAX_UTC_NS + 1n }, { tick: -1n }, { tick: 2n ** 64n }]) {
    assertEquals(refused(() => formatPhi({ ...EXAMPLE, ...wrong })).code, "PHI_TIMESTAMP");
  }
});

Deno.test("checkAgentId() lets 1 to 64 of the permitted characters pass and nothing else", () => {
  for (const id of ["A", "0", "CLAUDE-A", "a.b_c-D9", "x".repeat(64)]) assertEquals(checkAgentId(id), id);
  const wrong = [
    "",
    " ",
    "-A",
    ".A",
    "_A",
    "A B",
    "A:B",
    "A/B",
    "A\n",
    "\nA",
    "Ä",
    "A\u0000",
    "x".repeat(65),
  ];
  for (const id of wrong) assertEquals(refused(() => checkAgentId(id)).code, "AGENT_ID");
});

Deno.test("a refused agent id cannot write to the terminal of who reads the refusal", () => {
  const { message } = refused(() => checkAgentId("\u001b[2J\u009b2J\u202e\r\n" + "x".repeat(10_000)));
  assert(/^[\x20-\x7e…]*$/.test(message), message);
  assert(message.length < 400);
});

Deno.test("comparePhi() orders by tick alone", () => {
  const early = { ...EXAMPLE, utcNs: 5n, agent: "Z", tick: 10_000_000_000n };
  const late = { ...EXAMPLE, utcNs: 4n, agent: "A", tick: 10_000_000_001n };
  assertEquals([comparePhi(early, late), comparePhi(late, early), comparePhi(early, { ...late, ...early })], [
    -1,
    1,
    0,
  ]);
});

Deno.test("phiToJson() keeps every digit and says what is not known", () => {
  const bounded = {
    ...EXAMPLE,
    earliestNs: EXAMPLE.utcNs - 1_000_000n,
    latestNs: EXAMPLE.utcNs + 1n,
    source: "ntp",
  };
  assertEquals(JSON.parse(phiToJson(bounded)), {
    timestamp: EXAMPLE_TEXT,
    utc_ns: "1760909304472823544",
    tick: "3",
    agent: "CLAUDE-A",
    earliest: "2025-10-19T21:28:24.471823544Z",
    latest: "2025-10-19T21:28:24.472823545Z",
    source: "ntp",
  });
  const unbounded = JSON.parse(phiToJson({ ...bounded, earliestNs: null, latestNs: null }));
  assertEquals([unbounded.earliest, unbounded.latest], [null, null]);
});

const HOSTILE = 'a"b\\c\n\r\t\b\f\u0000\u001f\u007f\u2028\u2029é€😀</script>\ud800';

Deno.test({
  name: "PhiLogEntry.toJson() is one line that Python reads back character by character",
  ignore: !available("python3"),
  fn: async () => {
    const details = HOSTILE.slice(0, -1); // Python's output cannot carry the lone surrogate
    const json = new PhiLogEntry(EXAMPLE, "deploy", "ok", details).toJson();
    assert(!json.includes("\n"));
    const code = "import json, sys; e = json.loads(sys.argv[1]); " +
      "print(list(e), e['timestamp'], e['action'], e['status'], [ord(c) for c in e['details']])";
    const codes = Array.from(details, (character) => character.codePointAt(0)).join(", ");
    assertEquals(
      await python(code, json),
      `['timestamp', 'action', 'status', 'details'] ${EXAMPLE_TEXT} deploy ok [${codes}]`,
    );
  },
});

Deno.test("PhiLogEntry.toJson() escapes half a character, which no UTF-8 can carry", () => {
  const json = new PhiLogEntry(EXAMPLE, "a", "b", HOSTILE).toJson();
  assert(json.endsWith('\\ud800"}'), json);
});

Deno.test("PhiLogEntry refuses empty labels and endless texts; without details they are empty", () => {
  assertEquals(refused(() => new PhiLogEntry(EXAMPLE, "", "ok")).code, "LOG_ENTRY");
  assertEquals(refused(() => new PhiLogEntry(EXAMPLE, "a", "")).code, "LOG_ENTRY");
  assertEquals(refused(() => new PhiLogEntry(EXAMPLE, "a".repeat(257), "ok")).code, "LOG_ENTRY");
  const long = "x".repeat(MAX_DETAILS_CHARS + 1);
  assertEquals(refused(() => new PhiLogEntry(EXAMPLE, "a", "ok", long)).code, "LOG_ENTRY");
  assertEquals(JSON.parse(new PhiLogEntry(EXAMPLE, "a", "ok").toJson()).details, "");
});
