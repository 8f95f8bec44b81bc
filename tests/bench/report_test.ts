import { assertEquals } from "@std/assert";
import { type Group, isReached, ratioOf } from "../../bench/figure.ts";
import { groupText, resultsToJson } from "../../bench/report.ts";

const reference = { what: "C", value: 20 };
const GROUP: Group = {
  name: "read",
  title: "ns per call",
  figures: [
    { name: "near", what: "near()", value: 40, unit: "ns", reference, goal: { of: "ratio", atMost: 2 } },
    { name: "far", what: "far()", value: 50.04, unit: "ns", reference, goal: { of: "ratio", atMost: 2.5 } },
    { name: "decode", what: "decode", value: 60.01, unit: "ns", goal: { of: "value", atMost: 60 } },
    { name: "count", what: "count", value: 100_000_000, unit: "" },
  ],
};
const MACHINE = { processor: "p", processors: 2, kernel: "6.1", deno: "2.9.6", load: [0, 0, 0] };

Deno.test("a goal is reached at its limit and missed just above it", () => {
  assertEquals(GROUP.figures.map(ratioOf), [2, 2.502, null, null]);
  assertEquals(GROUP.figures.map(isReached), [true, false, false, null]);
});

Deno.test("a goal for a ratio is not reached without a reference", () => {
  assertEquals(
    isReached({ name: "a", what: "a", value: 1, unit: "ns", goal: { of: "ratio", atMost: 2 } }),
    false,
  );
});

Deno.test("groupText() aligns figures, ratios, references and goals", () => {
  assertEquals(
    groupText(GROUP),
    [
      "",
      "read: ns per call",
      "         measured  ratio  reference  goal     reached",
      "near()      40 ns   2.00  20 ns C    ≤ 2 ×    yes",
      "far()     50.0 ns   2.50  20 ns C    ≤ 2.5 ×  NO",
      "decode    60.0 ns                    ≤ 60 ns  NO",
      "count   100000000",
      "",
    ].join("\n"),
  );
});

Deno.test("groupText() says what was found at fault", () => {
  const text = groupText({ name: "torn", title: "reads", figures: [], fault: "3 torn reads." });
  assertEquals(text.split("\n").at(-2), "FAULT: 3 torn reads.");
});

Deno.test("resultsToJson() gives scripts every figure with its ratio and whether its goal is reached", () => {
  const { groups } = JSON.parse(JSON.stringify(resultsToJson(MACHINE, [GROUP])));
  assertEquals(groups[0].figures[0], {
    name: "near",
    what: "near()",
    value: 40,
    unit: "ns",
    reference: { what: "C", value: 20 },
    ratio: 2,
    goal: { of: "ratio", at_most: 2 },
    reached: true,
  });
  assertEquals(groups[0].figures[3].goal, null);
  assertEquals(groups[0].fault, null);
});
