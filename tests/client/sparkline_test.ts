import { assertEquals } from "@std/assert";
import { sparkline } from "../../client/sparkline.ts";

Deno.test("sparkline() scales from the lowest to the highest value", () => {
  assertEquals(sparkline([0, 1, 2, 3, 4, 5, 6, 7]), "▁▂▃▄▅▆▇█");
  assertEquals(sparkline([-1e-6, 1e-6, 0]), "▁█▅");
});

Deno.test("sparkline() draws a constant row in the middle, and nothing of nothing", () => {
  assertEquals(sparkline([5, 5, 5]), "▅▅▅");
  assertEquals(sparkline([]), "");
});
