import { assertEquals } from "@std/assert";
import { History, HISTORY_SECONDS } from "../../../daemon/status/history.ts";
// The page's own module runs here as it does there.
import { MAX_COARSE, MAX_FINE, Series } from "../../../daemon/status/page/series.js";

function moment(utc_seconds: number) {
  return {
    utc_seconds,
    is_valid: true,
    offset_seconds: 0,
    uncertainty_seconds: 0,
    max_error_seconds: 0,
    drift_rate: 0,
    rung: "fusion",
  } as const;
}

Deno.test("History keeps an hour, in order, and no more", () => {
  const history = new History();
  assertEquals(history.last(60), []);
  for (let second = 0; second < HISTORY_SECONDS + 100; second++) history.push(moment(second));
  const all = history.last(HISTORY_SECONDS).map(({ utc_seconds }) => utc_seconds);
  assertEquals(all, Array.from({ length: HISTORY_SECONDS }, (_, i) => i + 100));
  assertEquals(history.last(2).map(({ utc_seconds }) => utc_seconds), [3698, 3699]);
  assertEquals(history.last(99_999).length, HISTORY_SECONDS);
});

Deno.test("the page's series holds a minute in full and an hour by the second, however long it runs", () => {
  const series = new Series();
  for (let tick = 0; tick < 100_000; tick++) series.push(moment(tick / 10));
  assertEquals(series.last(60).length <= MAX_FINE, true);
  assertEquals(series.last(1e9).length, MAX_COARSE);
  const fine = series.last(60).map(({ utc_seconds }: { utc_seconds: number }) => utc_seconds);
  assertEquals(fine.at(-1), 9999.9);
  assertEquals(fine.length, 600);
  series.push(moment(5)); // from before: a step of the time served back, or a late answer
  assertEquals(series.last(60).at(-1)!.utc_seconds, 9999.9);
});
