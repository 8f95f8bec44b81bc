/**
 * A thread that computes until it is terminated, as inference does for a while.
 *
 * @module
 */
/// <reference lib="deno.worker" />

const cells = new Float64Array(1024).fill(1);
while (true) {
  for (let i = 1; i < cells.length; i++) cells[i] = Math.sqrt(cells[i]! + cells[i - 1]!);
}
