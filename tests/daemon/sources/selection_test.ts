import { assertEquals } from "@std/assert";
import {
  type CorrectnessInterval,
  hullOfAgreement,
  selectTruechimers,
} from "../../../daemon/sources/selection.ts";

function interval(source: string, lowSeconds: number, highSeconds: number): CorrectnessInterval {
  return { source, lowSeconds, highSeconds, midpointSeconds: (lowSeconds + highSeconds) / 2 };
}

// The three tables of "Marzullo's algorithm" (Wikipedia): 10 ± 2, 12 ± 1, 11 ± 1 and so on.
Deno.test("selectTruechimers() keeps all of Marzullo's first example and finds [11, 12]", () => {
  const selection = selectTruechimers([interval("a", 8, 12), interval("b", 11, 13), interval("c", 10, 12)]);
  assertEquals(selection, {
    majority: true,
    lowSeconds: 11,
    highSeconds: 12,
    survivors: ["a", "b", "c"],
    falsetickers: [],
  });
});

Deno.test("selectTruechimers() names the falseticker of Marzullo's second example, and how far off it is", () => {
  const selection = selectTruechimers([interval("a", 8, 12), interval("b", 11, 13), interval("c", 14, 15)]);
  assertEquals(selection, {
    majority: true,
    lowSeconds: 11,
    highSeconds: 12,
    survivors: ["a", "b"],
    falsetickers: [{ source: "c", reason: "above majority", distanceSeconds: 3 }],
  });
});

Deno.test("selectTruechimers() spans both agreements of Marzullo's third example: NTP does not choose between them", () => {
  const selection = selectTruechimers([interval("a", 8, 9), interval("b", 8, 12), interval("c", 10, 12)]);
  assertEquals(selection, {
    majority: true,
    lowSeconds: 8,
    highSeconds: 12,
    survivors: ["a", "b", "c"],
    falsetickers: [],
  });
});

Deno.test("selectTruechimers() rejects one liar of four, below the majority", () => {
  const selection = selectTruechimers([
    interval("liar", -30, -28),
    interval("a", -1, 1),
    interval("b", 0, 3),
    interval("c", -2, 0.5),
  ]);
  assertEquals(selection.survivors, ["a", "b", "c"]);
  assertEquals(selection.falsetickers, [
    { source: "liar", reason: "below majority", distanceSeconds: 29.25 },
  ]);
});

Deno.test("selectTruechimers() keeps servers whose intervals overlap although no midpoint lies in the overlap", () => {
  const selection = selectTruechimers([interval("a", -10, 0.5), interval("b", -0.5, 10)]);
  assertEquals(selection.majority, true);
  assertEquals(selection.survivors, ["a", "b"]);
});

Deno.test("selectTruechimers() says that there is no majority when two quarrel", () => {
  assertEquals(selectTruechimers([interval("a", 0, 1), interval("b", 2, 3)]), {
    majority: false,
    survivors: [],
    falsetickers: [
      { source: "a", reason: "no majority", distanceSeconds: 0 },
      { source: "b", reason: "no majority", distanceSeconds: 0 },
    ],
  });
});

Deno.test("selectTruechimers() does not call two against two a majority", () => {
  const selection = selectTruechimers([
    interval("a", 0, 1),
    interval("b", 0, 1),
    interval("c", 5, 6),
    interval("d", 5, 6),
  ]);
  assertEquals(selection.majority, false);
  assertEquals(selection.falsetickers.length, 4);
});

Deno.test("selectTruechimers() believes a single server, and nobody when there is none", () => {
  assertEquals(selectTruechimers([interval("a", 1, 3)]).survivors, ["a"]);
  assertEquals(selectTruechimers([]), { majority: false, survivors: [], falsetickers: [] });
});

Deno.test("hullOfAgreement() takes intervals as closed: two that touch agree on one point", () => {
  const touching = [interval("a", 0, 1), interval("b", 1, 2)];
  assertEquals(hullOfAgreement(touching, 2), { lowSeconds: 1, highSeconds: 1 });
  assertEquals(hullOfAgreement([interval("a", 0, 1), interval("b", 1.001, 2)], 2), null);
});

Deno.test("hullOfAgreement() spans separate regions, equal ends and gaps", () => {
  const four = [interval("a", 0, 4), interval("b", 0, 1), interval("c", 3, 4), interval("d", 3, 9)];
  assertEquals(hullOfAgreement(four, 2), { lowSeconds: 0, highSeconds: 4 });
  assertEquals(hullOfAgreement(four, 3), { lowSeconds: 3, highSeconds: 4 });
  assertEquals(hullOfAgreement(four, 4), null);
});
