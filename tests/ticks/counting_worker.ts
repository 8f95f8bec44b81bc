/**
 * Counts in a thread of its own: answers with all the ticks that it was handed out.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { ChronosClock } from "../../ticks/mod.ts";

self.onmessage = ({ data }: MessageEvent<{ readonly folder: string; readonly ticks: number }>) => {
  using clock = ChronosClock.open({ stateDir: data.folder, blockTicks: 100 });
  self.postMessage(Array.from({ length: data.ticks }, () => clock.nextTick()));
};
