import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  checkClocksource,
  checkLibrary,
  checkPtpClock,
  checkSystemClock,
  clocksourceFinding,
} from "../../../daemon/doctor/clock_checks.ts";
import {
  checkKernelStamps,
  checkRecord,
  checkSharedMemory,
  checkStateFolder,
  checkStatusSocket,
} from "../../../daemon/doctor/machine_checks.ts";
import { checkServers } from "../../../daemon/doctor/server_checks.ts";
import { readKernelClock } from "../../../ffi/clocks.ts";
import { parseServerAddress } from "../../../daemon/config.ts";
import { PublishedRecord, randomShmName } from "../../support/published_record.ts";
import { OFFSET_SECONDS, SimulatedServers } from "../../system/support/daemon_world.ts";

const IS_ROOT = Deno.uid() === 0;
const KERNEL = {
  ...readKernelClock(),
  synchronized: true,
  maxErrorSeconds: 0.0125,
  estimatedErrorSeconds: 0.001,
};
const TIMEOUT_MS = 2000;

Deno.test("the doctor finds the C library and the kernel's stamps where the other tests find them too", () => {
  for (const finding of [checkLibrary(), checkKernelStamps()]) {
    assertEquals(finding.verdict, "ok", finding.found);
  }
});

Deno.test("the doctor names the clocksource that the kernel uses, and a quicker one where there is one", () => {
  const used = Deno.readTextFileSync("/sys/devices/system/clocksource/clocksource0/current_clocksource")
    .trim();
  assertStringIncludes(checkClocksource().found, used);
  assertEquals(clocksourceFinding("tsc", ["tsc", "hpet"]).verdict, "ok");
  assertEquals(clocksourceFinding("arch_sys_counter", []).verdict, "ok");
  const slow = clocksourceFinding("hpet", ["tsc", "hpet"]);
  assertEquals(slow.verdict, "warning");
  assertMatch(slow.remedy!, /echo tsc > .*\/current_clocksource/);
  assertStringIncludes(clocksourceFinding("acpi_pm", ["acpi_pm"]).remedy!, "dmesg");
  assertEquals(clocksourceFinding(null, []).verdict, "warning");
});

Deno.test("the doctor says what the system clock is good for", () => {
  assertStringIncludes(checkSystemClock(KERNEL).found, "± 12.5 ms");
  assertStringIncludes(checkSystemClock({ ...KERNEL, synchronized: false }).found, "nobody disciplines it");
});

Deno.test("the doctor refuses a PTP clock that was named and is none", () => {
  for (const device of ["/dev/ptp77", "/dev/null"]) {
    const { verdict, found, remedy } = checkPtpClock(device, 37);
    assertEquals(verdict, "failed");
    assertMatch(found, /^Cannot /);
    assertStringIncludes(remedy!, "phc.device");
  }
});

Deno.test("the doctor makes a segment where the record is to be, and leaves nothing behind", async () => {
  assertEquals(checkSharedMemory(randomShmName()).verdict, "ok");
  const folder = await Deno.makeTempDir({ prefix: "chronotick-doctor-" });
  try {
    assertEquals(checkSharedMemory(`${folder}/record`).verdict, "ok");
    assertEquals([...Deno.readDirSync(folder)], []);
    const absent = checkSharedMemory(`${folder}/absent/record`);
    assertEquals(absent.verdict, "failed");
    assertStringIncludes(absent.remedy!, `${folder}/absent`);
    assertEquals([...Deno.readDirSync("/dev/shm")].filter(({ name }) => name.includes("doctor")), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the doctor tells a living daemon's record from a free place and from what was left behind", () => {
  const name = randomShmName();
  assertStringIncludes(checkRecord(name).found, "is free");
  {
    using _record = new PublishedRecord({}, name);
    assertMatch(checkRecord(name).found, /^a daemon of user \d+ publishes/);
  }
  Deno.writeFileSync(`/dev/shm/${name}`, new Uint8Array(128));
  try {
    assertStringIncludes(checkRecord(name).found, "the next daemon takes it over");
    if (!IS_ROOT) return;
    Deno.chownSync(`/dev/shm/${name}`, 54_321, 54_321);
    assertEquals(checkRecord(name).verdict, "failed");
    assertStringIncludes(checkRecord(name).found, "user 54321");
  } finally {
    Deno.removeSync(`/dev/shm/${name}`);
  }
});

Deno.test("the doctor looks for the folders of state and of the status socket", () => {
  const nothing = new Map<string, string>();
  assertEquals(checkStateFolder(nothing).verdict, "warning");
  assertEquals(checkStateFolder(new Map([["HOME", "/tmp"]])).verdict, "ok");
  assertEquals(checkStateFolder(new Map([["STATE_DIRECTORY", "/dev/null/nowhere"]])).verdict, "warning");
  assertEquals(checkStatusSocket(null, "x", nothing).verdict, "warning");
  assertEquals(checkStatusSocket(null, "x", new Map([["XDG_RUNTIME_DIR", "/tmp"]])).verdict, "ok");
  assertEquals(checkStatusSocket("/nowhere/at.sock", "x", nothing).verdict, "warning");
});

Deno.test("the doctor asks each server once and judges whether they are enough", async () => {
  using servers = await SimulatedServers.start([{}, {}, {}]);
  const texts = [...servers.addresses.map(({ hostname, port }) => `${hostname}:${port}`), "127.0.0.1:9"];
  const named = texts.map((text) => parseServerAddress(text)!);
  const [first, second, third, refused, together] = await checkServers(named, TIMEOUT_MS);
  for (const finding of [first!, second!, third!]) {
    assertEquals(finding.verdict, "ok");
    const [, milliseconds] = /stratum \d, ([\d.]+) ms ahead of the system clock$/.exec(finding.found)!;
    // Two delays of 1 ms, and queues that make it worse by some more.
    assertEquals(Math.abs(Number(milliseconds) - OFFSET_SECONDS * 1000) < 15, true, finding.found);
  }
  assertEquals([refused!.verdict, together!.verdict], ["warning", "ok"]);
  assertStringIncludes(refused!.found, "no time server listens on that port");
  assertEquals(together!.found, "3 of 4 servers answer");
  const alone = (await checkServers(named.slice(0, 1), TIMEOUT_MS)).at(-1)!;
  assertEquals([alone.verdict, alone.found], [
    "warning",
    "1 of 1 servers answer, too few to outvote one that lies",
  ]);
  assertEquals((await checkServers(named.slice(3), TIMEOUT_MS)).at(-1)!.verdict, "failed");
  assertEquals((await checkServers([], TIMEOUT_MS)).map(({ verdict }) => verdict), ["warning"]);
});
