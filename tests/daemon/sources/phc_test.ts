import { assertEquals, assertThrows } from "@std/assert";
import { Phc, PHC_SOURCE_PREFIX } from "../../../daemon/sources/phc.ts";
import { Clock, type ClockId } from "../../../ffi/clocks.ts";
import { LibcError } from "../../../ffi/errno.ts";

/** Can be opened by everybody; the clock behind it is the test's. */
const DEVICE = "/dev/null";
const PHC_NS = 1_780_000_037_000_000_000n;
const TAI_OFFSET_SECONDS = 37;
const RAW_NS = 1_000_000_000n;

/** A clock that takes the given times, ns, to be read: one for each attempt, the last one for all further ones. */
function slowClock(tookNs: readonly number[]) {
  const clocks = new Set<ClockId>();
  let rawNs = RAW_NS;
  let reading = 0;
  const read = (clock: ClockId): bigint => {
    if (clock === Clock.MONOTONIC_RAW) return rawNs;
    clocks.add(clock);
    const took = BigInt(tookNs[Math.min(reading++, tookNs.length - 1)]!);
    rawNs += took;
    return PHC_NS + (rawNs - RAW_NS) - took / 2n;
  };
  return { read, clocks };
}

function openDescriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

Deno.test("Phc.measure() gives one reading between two of MONOTONIC_RAW as an exchange without a network", () => {
  using phc = Phc.open(DEVICE, TAI_OFFSET_SECONDS, slowClock([2000]).read);
  const exchange = phc.measure();
  assertEquals(exchange.t4RawNs - exchange.t1RawNs, 2000n);
  assertEquals(exchange.t2UtcNs, exchange.t3UtcNs);
  // The clock is 37 s ahead of UTC; it was read half-way.
  const halfwayNs = (exchange.t1RawNs + exchange.t4RawNs) / 2n;
  assertEquals(exchange.t2UtcNs, 1_780_000_000_000_000_000n + halfwayNs - RAW_NS);
  const { source, stratum, leap, rootDelaySeconds } = exchange;
  assertEquals([source, stratum, leap, rootDelaySeconds], ["phc:/dev/null", 0, 0, 0]);
  assertEquals(source.startsWith(PHC_SOURCE_PREFIX), true);
});

Deno.test("Phc.measure() keeps the tightest of its attempts", () => {
  // Opening measures once; of the eight attempts that follow, the fourth is undisturbed.
  const opening = Array<number>(8).fill(5000);
  const { read } = slowClock([...opening, 90_000, 7000, 6000, 800, 4000, 100_000, 9000, 5000]);
  using phc = Phc.open(DEVICE, 0, read);
  const { t1RawNs, t2UtcNs, t4RawNs } = phc.measure();
  assertEquals(t4RawNs - t1RawNs, 800n);
  assertEquals(t2UtcNs - PHC_NS, t1RawNs - RAW_NS + 400n);
});

Deno.test("Phc.measure() reads the dynamic clock of the open device", () => {
  const { read, clocks } = slowClock([1000]);
  using _phc = Phc.open(DEVICE, 0, read);
  const [clock] = [...clocks];
  assertEquals(clocks.size, 1);
  // FD_TO_CLOCKID of clock_gettime(2): (~fd << 3) | 3.
  assertEquals(clock! & 7, 3);
  const fd = ~(clock! >> 3);
  assertEquals(Deno.readLinkSync(`/proc/self/fd/${fd}`), DEVICE);
});

Deno.test("Phc.open() refuses a file that is no clock and keeps nothing open", () => {
  const before = openDescriptors();
  assertThrows(() => Phc.open(DEVICE, 0), LibcError);
  assertEquals(openDescriptors(), before);
});

Deno.test("Phc.open() refuses a device that is not there", () => {
  assertThrows(() => Phc.open("/dev/ptp_none", 0), LibcError, "/dev/ptp_none");
});

Deno.test("Phc closes its device", () => {
  const before = openDescriptors();
  Phc.open(DEVICE, 0, slowClock([1000]).read)[Symbol.dispose]();
  assertEquals(openDescriptors(), before);
});

Deno.test("Phc.openFirst() gives the first device that can be read, or nothing", () => {
  const names = [...Deno.readDirSync("/dev")].map(({ name }) => name).filter((name) => /^ptp\d+$/.test(name));
  using phc = Phc.openFirst(0);
  if (names.length === 0) assertEquals(phc, null);
  else assertEquals(phc === null || names.includes(phc.device.slice("/dev/".length)), true);
});
