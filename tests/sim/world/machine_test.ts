import { assertEquals } from "@std/assert";
import { Random } from "../../../sim/random.ts";
import { drawMachineEvents, type MachineIncident } from "../../../sim/world/machine.ts";

const MIGRATION: MachineIncident = {
  kind: "migration",
  atSeconds: [2000, 3000],
  standstillSeconds: [0.01, 0.2],
  frequencyShift: [2e-6, 10e-6],
};

function draw(incidents: readonly MachineIncident[], seed: number, branch = 0) {
  return drawMachineEvents(incidents, new Random(seed), new Random(1000 + branch));
}

Deno.test("drawMachineEvents() draws within the ranges, and shifts frequencies up and down", () => {
  const events = Array.from({ length: 200 }, (_, seed) => draw([MIGRATION], seed)[0]!);
  for (const { atSeconds, standstillSeconds, frequencyShift } of events) {
    assertEquals(atSeconds >= 2000 && atSeconds < 3000, true);
    assertEquals(standstillSeconds >= 0.01 && standstillSeconds < 0.2, true);
    assertEquals(Math.abs(frequencyShift) >= 2e-6 && Math.abs(frequencyShift) < 10e-6, true);
  }
  const up = events.filter(({ frequencyShift }) => frequencyShift > 0).length;
  assertEquals(up > 60 && up < 140, true);
});

Deno.test("drawMachineEvents() puts events in order of time", () => {
  const early: MachineIncident = { kind: "clocksource", atSeconds: [10, 20], frequencyShift: [1e-6, 1e-6] };
  const late: MachineIncident = { kind: "restore", atSeconds: [4000, 5000], standstillSeconds: [60, 60] };
  const kinds = draw([late, MIGRATION, early], 1).map(({ kind }) => kind);
  assertEquals(kinds, ["clocksource", "migration", "restore"]);
});

Deno.test("drawMachineEvents() lets the kernel notice a suspend and nothing else", () => {
  const kinds = ["migration", "restore", "fork", "suspend", "clocksource"] as const;
  const events = draw(kinds.map((kind, i) => ({ ...MIGRATION, kind, atSeconds: [i, i] })), 1);
  assertEquals(events.map(({ isNoticed }) => isNoticed), [false, false, false, true, false]);
});

Deno.test("drawMachineEvents() lets clones of a machine part at a fork, at the same instant", () => {
  const incidents: MachineIncident[] = [MIGRATION, { ...MIGRATION, kind: "fork", atSeconds: [4000, 5000] }];
  const [one, other] = [draw(incidents, 7, 0), draw(incidents, 7, 1)];
  assertEquals(one[0], other[0]);
  assertEquals(one[1]!.atSeconds, other[1]!.atSeconds);
  assertEquals(one[1]!.standstillSeconds === other[1]!.standstillSeconds, false);
});
