import { assertEquals, assertMatch } from "@std/assert";
import {
  DisruptionWatch,
  type MachineSigns,
  readMachineSigns,
  vmDisruptionMarkerOf,
} from "../../../daemon/sources/disruption_watch.ts";

const QUIET: MachineSigns = { bootId: "b1", clocksource: "tsc", vmDisruptionMarker: 4n };

/** What the watch says at each look after the first. */
function looks(...signs: Partial<MachineSigns>[]): (string | null)[] {
  const readings: MachineSigns[] = signs.map((one) => ({ ...QUIET, ...one }));
  let next = 0;
  const watch = new DisruptionWatch(() => readings[next++]!);
  return readings.slice(1).map(() => watch.look());
}

Deno.test("DisruptionWatch says nothing while nothing changes", () => {
  assertEquals(looks({}, {}, {}), [null, null]);
});

Deno.test("DisruptionWatch tells each change once, and why", () => {
  assertEquals(looks({}, { bootId: "b2" }, { bootId: "b2" }), ["boot_change", null]);
  assertEquals(looks({}, { clocksource: "hpet" }, { clocksource: "hpet" }), ["clocksource_change", null]);
  assertEquals(looks({}, { vmDisruptionMarker: 5n }, { vmDisruptionMarker: 5n }), ["vm_disruption", null]);
});

Deno.test("DisruptionWatch tells the gravest of several changes, and not the others later", () => {
  const other = { bootId: "b2", clocksource: "hpet", vmDisruptionMarker: 5n };
  assertEquals(looks({}, other, other), ["boot_change", null]);
});

Deno.test("DisruptionWatch takes a sign that cannot be read for no change, and remembers it meanwhile", () => {
  const gone = { vmDisruptionMarker: null, clocksource: null, bootId: null };
  assertEquals(looks({}, gone, {}), [null, null]);
  assertEquals(looks({}, gone, { vmDisruptionMarker: 5n }), [null, "vm_disruption"]);
  assertEquals(looks(gone, { vmDisruptionMarker: 5n }, {}), [null, "vm_disruption"]);
});

/** The first 24 bytes of struct vmclock_abi: Python's struct.pack("<IIHBBIQ", magic, size, 1, 255, 1, sequence, marker). */
function vmClock(hex: string): bigint | null {
  return vmDisruptionMarkerOf(Uint8Array.from(hex.match(/../g)!, (byte) => parseInt(byte, 16)));
}

Deno.test("vmDisruptionMarkerOf() reads the marker, and nothing that is being changed or is no VMClock", () => {
  assertEquals(vmClock("56434c4b001000000100ff0106000000efcdab8967452301"), 0x0123456789abcdefn);
  assertEquals(vmClock("56434c4b001000000100ff0107000000efcdab8967452301"), null); // an odd sequence
  assertEquals(vmClock("57434c4b001000000100ff0106000000efcdab8967452301"), null); // another magic
  assertEquals(vmClock("56434c4b001000000100ff0106000000efcdab89674523"), null); // cut short
});

Deno.test("readMachineSigns() finds what this kernel has", () => {
  const { bootId, clocksource } = readMachineSigns();
  assertMatch(bootId ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assertEquals(
    clocksource,
    Deno.readTextFileSync("/sys/devices/system/clocksource/clocksource0/current_clocksource").trim(),
  );
});
