import { assertEquals } from "@std/assert";
import {
  compareIntervals,
  FREQUENCY_TOLERANCE,
  intervalAround,
  type TimeInterval,
} from "../../record/interval.ts";

const SECOND = 1_772_366_400;

function nsInterval(earliestNs: number, latestNs: number): TimeInterval {
  return {
    earliest: { seconds: SECOND, nanoseconds: earliestNs },
    latest: { seconds: SECOND, nanoseconds: latestNs },
  };
}

Deno.test("compareIntervals() is certain only where the intervals have no instant in common", () => {
  const middle = nsInterval(200, 300);
  const cases: [TimeInterval, string][] = [
    [nsInterval(0, 199), "before"],
    [nsInterval(0, 200), "concurrent"],
    [nsInterval(250, 260), "concurrent"],
    [nsInterval(0, 900), "concurrent"],
    [middle, "concurrent"],
    [nsInterval(300, 400), "concurrent"],
    [nsInterval(301, 400), "after"],
  ];
  for (const [other, order] of cases) assertEquals(compareIntervals(other, middle), order);
});

Deno.test("compareIntervals() counts seconds before nanoseconds", () => {
  const early = nsInterval(999_999_998, 999_999_999);
  const late = {
    earliest: { seconds: SECOND + 1, nanoseconds: 0 },
    latest: { seconds: SECOND + 1, nanoseconds: 1 },
  };
  assertEquals([compareIntervals(early, late), compareIntervals(late, early)], ["before", "after"]);
});

Deno.test("intervalAround() rounds outwards and carries over the second", () => {
  assertEquals(intervalAround({ seconds: SECOND, nanoseconds: 0 }, 1.1e-9), {
    earliest: { seconds: SECOND - 1, nanoseconds: 999_999_998 },
    latest: { seconds: SECOND, nanoseconds: 2 },
  });
  assertEquals(intervalAround({ seconds: SECOND, nanoseconds: 500_000_000 }, 2.5), {
    earliest: { seconds: SECOND - 2, nanoseconds: 0 },
    latest: { seconds: SECOND + 3, nanoseconds: 0 },
  });
  const instant = { seconds: SECOND, nanoseconds: 7 };
  assertEquals(intervalAround(instant, 0), { earliest: instant, latest: instant });
});

Deno.test("the hard bound grows by 50 ppm", () => {
  assertEquals(FREQUENCY_TOLERANCE, 50e-6);
});
