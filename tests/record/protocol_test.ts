import { assertEquals, assertThrows } from "@std/assert";
import { CorrectionSource, FIELDS, Flag } from "../../record/layout.ts";
import { checkRecord, type ChronoTickData, emptyRecord } from "../../record/record.ts";
import { tableOf } from "../support/markdown_table.ts";

const PROTOCOL = Deno.readTextFileSync(`${import.meta.dirname}/../../PROTOCOL.md`);

const table = (...headings: readonly string[]) => tableOf(PROTOCOL, ...headings);

Deno.test("PROTOCOL.md's table of fields is the layout of the code", () => {
  const rows = table("offset", "type", "field", "unit", "meaning");
  assertEquals(
    rows.map(([offset, type, name]) => ({ name: name!, offset: Number(offset), type: type! })),
    Object.values(FIELDS).map(({ name, offset, type }) => ({ name, offset, type })),
  );
  for (const [, , , unit, meaning] of rows) assertEquals([typeof unit, meaning !== ""], ["string", true]);
});

Deno.test("PROTOCOL.md's table of flags is that of the code", () => {
  const bits = table("bit", "name", "meaning").map(([bit, name]) => [name!, 2 ** Number(bit)]);
  assertEquals(Object.fromEntries(bits), { ...Flag });
});

Deno.test("PROTOCOL.md's table of sources is that of the code", () => {
  const sources = table("source", "name", "meaning").map(([source, name]) => [name!, Number(source)]);
  assertEquals(Object.fromEntries(sources), { ...CorrectionSource });
});

interface Range {
  readonly key: keyof ChronoTickData;
  readonly from: number;
  readonly to: number;
}

const RANGES: Range[] = table("field", "from", "to").flatMap(([names, from, to]) =>
  names!.split(", ").map((name) => ({
    key: Object.entries(FIELDS).find(([, field]) => field.name === name)![0] as keyof ChronoTickData,
    from: Number(from),
    to: to === "finite" ? Number.MAX_VALUE : Number(to!.replace(" or +∞", "")),
  }))
);

Deno.test("PROTOCOL.md's ranges are those that the code refuses to leave", () => {
  for (const { key, from, to } of RANGES) {
    const beyond = to === Number.MAX_VALUE ? Infinity : to + Math.max(1e-6, to * 1e-9);
    const below = from - Math.max(1e-6, Math.abs(from) * 1e-9);
    const outside = FIELDS[key].type === "u32" ? [to + 1] : [below, beyond, NaN];
    for (const value of [from, to]) checkRecord({ ...emptyRecord(), [key]: value });
    for (const value of outside) {
      assertThrows(() => checkRecord({ ...emptyRecord(), [key]: value }), Error, FIELDS[key].name);
    }
  }
  checkRecord({ ...emptyRecord(), maxError: Infinity });
});

Deno.test("PROTOCOL.md names a range for every field but the counters, the flags and the anchor", () => {
  const free = [
    "sequenceNumber",
    "flags",
    "measurementCount",
    "writerPid",
    "totalCorrections",
    "boottimeAnchor",
  ];
  assertEquals([...RANGES.map(({ key }) => key as string), ...free].sort(), Object.keys(FIELDS).sort());
});
