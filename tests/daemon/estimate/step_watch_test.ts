import { assertEquals } from "@std/assert";
import { StepWatch, type Verdict } from "../../../daemon/estimate/step_watch.ts";

const ALL = new Set(["a", "b", "c"]);

function sample(source: string, atSeconds: number) {
  return { source, atSeconds, offsetSeconds: 0, delaySeconds: 0, rootDistanceSeconds: 0 };
}

function verdict(residualSeconds: number, isHard: boolean): Verdict {
  return { residualSeconds, limitSeconds: 1e-3, isDoubted: Math.abs(residualSeconds) > 1e-3, isHard };
}

const AGREED = verdict(0, false);
const SOFT = verdict(2e-3, false);
const HARD = verdict(0.1, true);

/** What the last of these verdicts, one a second, leads to. */
function resolutionOf(verdicts: readonly (readonly [string, Verdict])[], electorate = ALL) {
  const watch = new StepWatch();
  let kind = "agreed";
  verdicts.forEach(([source, one], atSeconds) => {
    watch.record(sample(source, atSeconds), one);
    kind = one.isDoubted ? watch.resolve(source, electorate).kind : "agreed";
  });
  return { kind, doubtSeconds: watch.openDoubtSeconds(electorate) };
}

Deno.test("StepWatch believes a lone server at its first hard sample, and at its third soft one", () => {
  const alone = new Set(["a"]);
  assertEquals(resolutionOf([["a", HARD]], alone).kind, "step");
  assertEquals(resolutionOf([["a", SOFT], ["a", SOFT]], alone).kind, "open");
  assertEquals(resolutionOf([["a", SOFT], ["a", SOFT], ["a", SOFT]], alone).kind, "step");
  assertEquals(resolutionOf([["a", SOFT], ["a", AGREED], ["a", SOFT], ["a", SOFT]], alone).kind, "open");
});

Deno.test("StepWatch takes two of three for a step, and one against two for that one's own", () => {
  assertEquals(resolutionOf([["a", HARD]]).kind, "open");
  assertEquals(resolutionOf([["a", HARD], ["b", HARD]]).kind, "step");
  const against = [["b", AGREED], ["c", AGREED], ["a", HARD], ["a", HARD], ["b", AGREED]] as const;
  assertEquals(resolutionOf([...against, ["c", AGREED], ["a", HARD]]).kind, "open");
  assertEquals(resolutionOf([...against, ["c", AGREED], ["a", HARD], ["a", HARD]]).kind, "lone change");
});

Deno.test("StepWatch does not count servers that see opposite changes as a camp", () => {
  assertEquals(resolutionOf([["a", HARD], ["b", verdict(-0.1, true)]]).kind, "open");
});

Deno.test("StepWatch says by how much the offset may be off while nobody has contradicted a doubt", () => {
  assertEquals(resolutionOf([["a", HARD]]).doubtSeconds, 0.1);
  assertEquals(resolutionOf([["a", HARD], ["b", AGREED]]).doubtSeconds, 0);
  assertEquals(resolutionOf([["a", AGREED]]).doubtSeconds, 0);
});
