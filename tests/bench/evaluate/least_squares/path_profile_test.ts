import { assertAlmostEquals, assertEquals } from "@std/assert";
import { pathProfile } from "../../../../bench/evaluate/least_squares/path_profile.ts";

Deno.test("pathProfile() finds the floor, and what it still holds from the fourth shortest round trip", () => {
  const delays = [5e-3, 2.3e-3, 2e-3, 2.1e-3, 9e-3, 2.4e-3];
  const samples = delays.map((delaySeconds, atSeconds) => ({
    source: "a",
    atSeconds,
    offsetSeconds: 0,
    delaySeconds,
    rootDistanceSeconds: 0,
  }));
  const { floorSeconds, unseenSeconds } = pathProfile(samples);
  assertEquals(floorSeconds, 2e-3);
  // Gap 0.4 ms with the weight of 6 samples, prior a quarter of 2 ms over √6 with the weight of 2.
  assertAlmostEquals(unseenSeconds, (6 * 0.4e-3 + 2 * 0.5e-3 / 2.449489742783178) / 8, 1e-15);
});
