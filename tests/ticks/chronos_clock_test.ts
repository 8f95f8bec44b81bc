import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  ChronosClock,
  comparePhi,
  formatPhi,
  parsePhi,
  PhiGenerator,
  phiToJson,
  TickError,
  UtcClock,
} from "../../ticks/mod.ts";
import { PublishedRecord } from "../support/published_record.ts";
import { StateFolder } from "./state_folder.ts";

const NS_PER_SECOND = 1_000_000_000n;

Deno.test("ChronosClock makes a counter only when it is told to, and then counts from 1", () => {
  using state = new StateFolder({ isEmpty: true });
  assertThrows(() => ChronosClock.open({ stateDir: state.path }), TickError, "chronos-ctl init");
  {
    using clock = ChronosClock.open({ stateDir: state.path, create: true });
    assertEquals([clock.getTick(), clock.nextTick(), clock.nextTicks(3), clock.getTick()], [0n, 1n, 2n, 4n]);
  }
  const clock = ChronosClock.open({ stateDir: state.path, create: true });
  assertEquals(clock.nextTick(), 5n);
  clock.close();
  assertThrows(() => clock.nextTick(), TickError, "closed");
});

Deno.test("PhiGenerator.next() uses a tick and current() none", async () => {
  using state = new StateFolder();
  using clock = ChronosClock.open({ stateDir: state.path });
  using generator = new PhiGenerator(clock.authority, "CLAUDE-A");
  const first = await generator.next();
  const second = await generator.next();
  assertEquals([first.tick, second.tick, (await generator.current()).tick, clock.getTick()], [
    1n,
    2n,
    2n,
    2n,
  ]);
  assertEquals(comparePhi(parsePhi(formatPhi(first)), second), -1);
  assertThrows(() => new PhiGenerator(clock.authority, "no agent"), TickError);
});

Deno.test("stamps carry ChronoTick's time with its bounds while there is a valid record, else the system clock", async () => {
  using state = new StateFolder();
  using clock = ChronosClock.open({ stateDir: state.path });
  using record = new PublishedRecord({ offsetCorrection: 1000, driftRate: 0, maxError: 0.25 });
  using utc = new UtcClock({ shmName: record.name });
  using generator = new PhiGenerator(clock.authority, "A", utc);

  const systemNs = BigInt(Date.now()) * 1_000_000n;
  const corrected = await generator.next();
  assertEquals(corrected.source, "ntp");
  const correctionNs = corrected.utcNs - systemNs;
  assert(correctionNs > 999n * NS_PER_SECOND && correctionNs < 1060n * NS_PER_SECOND, `${correctionNs}`);
  const widthNs = Number(corrected.latestNs! - corrected.earliestNs!);
  assert(widthNs >= 0.5e9 && widthNs < 0.501e9, `${widthNs}`);
  assertEquals(Object.keys(JSON.parse(phiToJson(corrected))), [
    "timestamp",
    "utc_ns",
    "tick",
    "agent",
    "earliest",
    "latest",
    "source",
  ]);

  record.publish({ flags: 0 }); // no valid time any more
  const uncorrected = await generator.next();
  assertEquals([uncorrected.source, uncorrected.earliestNs], ["system_clock", null]);
  // 1000 s behind the stamp before: that stamp's time is held.
  assertEquals([uncorrected.tick, uncorrected.utcNs], [2n, corrected.utcNs]);
});

Deno.test("threads that each open the counter get every tick once", async () => {
  using state = new StateFolder();
  const module = new URL("./counting_worker.ts", import.meta.url).href;
  const workers = [0, 1, 2].map(() => new Worker(module, { type: "module" }));
  const counts = await Promise.all(workers.map((worker) =>
    new Promise<bigint[]>((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.postMessage({ folder: state.path, ticks: 20_000 });
    })
  ));
  workers.forEach((worker) => worker.terminate());
  const all = counts.flat();
  assertEquals(new Set(all).size, 60_000);
  assertEquals(all.reduce((highest, tick) => (tick > highest ? tick : highest)), 60_000n);
  for (const own of counts) assert(own.every((tick, i) => i === 0 || tick > own[i - 1]!));
});
