import { assertEquals } from "@std/assert";
import { SelectionLog } from "../../daemon/selection_log.ts";
import { selectTruechimers } from "../../daemon/sources/selection.ts";

/** Servers whose intervals are 2 ms wide around these midpoints, in ms. */
function selectionOf(midpointsMs: Readonly<Record<string, number>>) {
  return selectTruechimers(
    Object.entries(midpointsMs).map(([source, midpointMs]) => ({
      source,
      midpointSeconds: midpointMs / 1000,
      lowSeconds: (midpointMs - 1) / 1000,
      highSeconds: (midpointMs + 1) / 1000,
    })),
  );
}

Deno.test("SelectionLog says once that a server is not followed, and once that it is again", () => {
  const lines: string[] = [];
  const note = (_component: string, message: string) => void lines.push(message);
  const log = new SelectionLog({ info: note, warning: note });
  log.tell(null);
  log.tell(selectionOf({ a: 0, b: 0, c: 0 }));
  for (let round = 0; round < 3; round++) log.tell(selectionOf({ a: 0, b: 0, c: 40 }));
  for (let round = 0; round < 3; round++) log.tell(selectionOf({ a: 0, b: 0, c: 0 }));
  assertEquals(lines, [
    "Not following c: it is 40.000 ms away from what the majority agrees on.",
    "Following c again.",
  ]);
});

Deno.test("SelectionLog excludes nobody while there is no majority", () => {
  const lines: string[] = [];
  const note = (_component: string, message: string) => void lines.push(message);
  new SelectionLog({ info: note, warning: note }).tell(selectionOf({ a: 0, b: 40 }));
  assertEquals(lines, []);
});
