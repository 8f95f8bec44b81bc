import { assertEquals } from "@std/assert";
import {
  formatPpm,
  formatSeconds,
  formatSignedSeconds,
  formatSpan,
  formatTable,
} from "../../client/format.ts";

Deno.test("formatSeconds() takes the largest unit that keeps a digit before the point", () => {
  const cases: [number, string][] = [
    [0, "0.000 ns"],
    [1e-12, "0.001 ns"],
    [312e-9, "312.000 ns"],
    [1e-6, "1.000 µs"],
    [25.0134e-3, "25.013 ms"],
    [-25.0134e-3, "-25.013 ms"],
    [1, "1.000 s"],
    [28_800, "28800.000 s"],
    [Infinity, "unknown"],
    [NaN, "unknown"],
  ];
  for (const [seconds, text] of cases) assertEquals(formatSeconds(seconds), text);
});

Deno.test("formatSignedSeconds() and formatPpm() always show the sign", () => {
  assertEquals([0.5, -0.5, 0].map(formatSignedSeconds), ["+500.000 ms", "-500.000 ms", "+0.000 ns"]);
  assertEquals([20.0134e-6, -3e-9, 0].map(formatPpm), ["+20.013 ppm", "-0.003 ppm", "+0.000 ppm"]);
});

Deno.test("formatSpan() says the two largest units", () => {
  const cases: [number, string][] = [
    [-1, "0 s"],
    [0.9, "0 s"],
    [59.99, "59 s"],
    [60, "1 min 0 s"],
    [3599, "59 min 59 s"],
    [3600, "1 h 0 min"],
    [86_399, "23 h 59 min"],
    [86_400, "1 d 0 h"],
    [274_000, "3 d 4 h"],
  ];
  for (const [seconds, text] of cases) assertEquals(formatSpan(seconds), text);
});

Deno.test("formatTable() aligns the values behind the longest label", () => {
  assertEquals(formatTable([["a", "1"], ["long", "2"]]), "a     1\nlong  2\n");
});
