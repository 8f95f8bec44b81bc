import { assertEquals } from "@std/assert";
import { agreedInterval, hullOfAgreement } from "../../record/agreement.ts";
import { Random } from "../support/random.ts";

/** Seconds as an interval. */
function interval(earliest: number, latest: number) {
  return { earliest: { seconds: earliest, nanoseconds: 0 }, latest: { seconds: latest, nanoseconds: 0 } };
}

/** By looking at every point: the least and the greatest that lie in at least `needed` intervals. */
function bySearch(
  lows: readonly number[],
  highs: readonly number[],
  needed: number,
): [number, number] | null {
  const points = Array.from({ length: 41 }, (_, point) => point);
  const covered = points.filter((point) =>
    lows.filter((low, index) => low <= point && point <= highs[index]!).length >= needed
  );
  return covered.length === 0 ? null : [covered[0]!, covered.at(-1)!];
}

Deno.test("hullOfAgreement() finds what a search of every point finds", () => {
  const random = new Random(7);
  const integer = (below: number) => Math.floor(random.uniform() * below);
  for (let round = 0; round < 2000; round++) {
    const lows = Array.from({ length: 1 + integer(7) }, () => integer(21));
    const highs = lows.map((low) => low + integer(20));
    const needed = 1 + integer(lows.length);
    assertEquals(hullOfAgreement(lows, highs, needed), bySearch(lows, highs, needed));
    const exact = hullOfAgreement(lows.map(BigInt), highs.map(BigInt), needed);
    assertEquals(exact && exact.map(Number), bySearch(lows, highs, needed));
  }
});

Deno.test("agreedInterval() is the example of Marzullo's algorithm", () => {
  // K. Marzullo, S. Owicki 1985, as Wikipedia tells it: 8..12, 11..13, 10..12 agree on 11..12; 8..12, 11..13, 14..15 on
  // 11..12 with two of three.
  assertEquals(agreedInterval([interval(8, 12), interval(11, 13), interval(10, 12)]), {
    ...interval(11, 12),
    count: 3,
  });
  assertEquals(agreedInterval([interval(8, 12), interval(11, 13), interval(14, 15)]), {
    ...interval(11, 12),
    count: 2,
  });
});

Deno.test("agreedInterval() wants more than half, and lets intervals that touch agree", () => {
  assertEquals(agreedInterval([interval(0, 1), interval(2, 3)]), null);
  assertEquals(agreedInterval([interval(0, 1), interval(1, 3)]), { ...interval(1, 1), count: 2 });
  assertEquals(agreedInterval([interval(5, 6)]), { ...interval(5, 6), count: 1 });
  assertEquals(agreedInterval([]), null);
});
