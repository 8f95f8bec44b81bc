import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { type ClockReadings, SteeringWatch } from "../../../daemon/publish/steering.ts";
import { Random } from "../../support/random.ts";

const PPM = 1e-6;
const SPREAD_NS = 400;

/** Clocks of one machine in exact nanoseconds, with somebody who steers CLOCK_REALTIME. */
class SteeredMachine {
  readonly #random = new Random(5);
  readonly watch = new SteeringWatch();
  rate = 0;
  /** What rounding to whole ns has left out of the steering. */
  #restNs = 0;
  #rawNs = 1_000_000_000_000n;
  #realtimeNs = 1_780_000_000_000_000_000n;
  #boottimeNs = 2_000_000_000_000n;
  #monotonicNs = 1_500_000_000_000n;

  /** Reads the clocks once a period for `seconds`; each reading is off by up to half its spread. */
  run(seconds: number, frequencyHz = 100, spreadNs = SPREAD_NS): void {
    const periodNs = BigInt(Math.round(1e9 / frequencyHz));
    for (let reading = 0; reading < Math.round(seconds * frequencyHz); reading++) {
      this.pass(periodNs);
      this.watch.observe(this.#readings(spreadNs));
    }
  }

  /** Lets time pass without a look at it. */
  pass(rawNs: bigint): void {
    const exactNs = Number(rawNs) * this.rate + this.#restNs;
    this.#restNs = exactNs - Math.round(exactNs);
    const steeredNs = rawNs + BigInt(Math.round(exactNs));
    this.#rawNs += rawNs;
    for (const clock of ["realtime", "boottime", "monotonic"] as const) this.#advance(clock, steeredNs);
  }

  step(seconds: number): void {
    this.#advance("realtime", BigInt(Math.round(seconds * 1e9)));
  }

  /** The oscillator stands still; only those clocks go on that count suspend. */
  suspend(seconds: number): void {
    const ns = BigInt(Math.round(seconds * 1e9));
    this.#advance("realtime", ns);
    this.#advance("boottime", ns);
  }

  #advance(clock: "realtime" | "boottime" | "monotonic", ns: bigint): void {
    if (clock === "realtime") this.#realtimeNs += ns;
    else if (clock === "boottime") this.#boottimeNs += ns;
    else this.#monotonicNs += ns;
  }

  #readings(spreadNs: number): ClockReadings {
    const noisy = (ns: bigint) => ns + BigInt(Math.round((this.#random.uniform() - 0.5) * spreadNs));
    return {
      realtimeNs: noisy(this.#realtimeNs),
      rawNs: this.#rawNs,
      boottimeNs: noisy(this.#boottimeNs),
      monotonicNs: noisy(this.#monotonicNs),
      spreadNs,
    };
  }
}

for (const frequencyHz of [1, 100, 1000]) {
  Deno.test(`SteeringWatch measures a constant rate to 0.1 ppm within 20 s at ${frequencyHz} Hz`, () => {
    const machine = new SteeredMachine();
    machine.rate = -37.5 * PPM;
    machine.run(20, frequencyHz);
    assertAlmostEquals(machine.watch.rate, -37.5 * PPM, 0.1 * PPM);
    assertEquals([machine.watch.steps, machine.watch.suspends], [0, 0]);
  });

  Deno.test(`SteeringWatch is never misled by the noise of readings at ${frequencyHz} Hz`, () => {
    const machine = new SteeredMachine();
    machine.run(2, frequencyHz);
    let worst = 0;
    for (let second = 0; second < 30; second++) {
      machine.run(1, frequencyHz);
      worst = Math.max(worst, Math.abs(machine.watch.rate));
    }
    assertLess(worst, 1 * PPM);
    assertEquals([machine.watch.steps, machine.watch.suspends], [0, 0]);
  });
}

for (const ppm of [500, -500, 83_333]) {
  Deno.test(`SteeringWatch follows the onset and the end of a slew of ${ppm} ppm`, () => {
    const rate = ppm * PPM;
    const machine = new SteeredMachine();
    machine.run(10);
    machine.rate = rate;
    machine.run(0.03);
    assertAlmostEquals(machine.watch.rate, rate, Math.abs(rate) / 10);
    machine.run(2);
    assertAlmostEquals(machine.watch.rate, rate, 1 * PPM);
    machine.rate = 0;
    machine.run(0.03);
    assertAlmostEquals(machine.watch.rate, 0, Math.abs(rate) / 10);
    machine.run(2);
    assertAlmostEquals(machine.watch.rate, 0, 1 * PPM);
    assertEquals([machine.watch.steps, machine.watch.suspends], [0, 0]);
  });
}

Deno.test("SteeringWatch measures a slew of 500 ppm at 1000 Hz, where one period shows nothing of it", () => {
  const machine = new SteeredMachine();
  machine.run(10, 1000);
  machine.rate = 500 * PPM;
  machine.run(0.05, 1000);
  assertAlmostEquals(machine.watch.rate, 500 * PPM, 50 * PPM);
});

for (const seconds of [0.5, -0.5, 2e-3, -2e-3, 86_400]) {
  Deno.test(`SteeringWatch counts a step of ${seconds} s and keeps the rate`, () => {
    const machine = new SteeredMachine();
    machine.rate = 20 * PPM;
    machine.run(10);
    machine.step(seconds);
    machine.run(0.01);
    assertEquals([machine.watch.steps, machine.watch.suspends], [1, 0]);
    assertAlmostEquals(machine.watch.rate, 20 * PPM, 0.2 * PPM);
    machine.run(5);
    assertEquals(machine.watch.steps, 1);
    assertAlmostEquals(machine.watch.rate, 20 * PPM, 0.2 * PPM);
  });
}

Deno.test("SteeringWatch tells a suspend from a step, although CLOCK_REALTIME jumps in both", () => {
  const machine = new SteeredMachine();
  machine.run(10);
  machine.suspend(3600);
  machine.run(1);
  assertEquals([machine.watch.steps, machine.watch.suspends], [0, 1]);
  assertAlmostEquals(machine.watch.rate, 0, 1 * PPM);
});

Deno.test("SteeringWatch takes a pause of its own process for neither", () => {
  const machine = new SteeredMachine();
  machine.rate = 20 * PPM;
  machine.run(10);
  machine.pass(30_000_000_000n);
  machine.run(1);
  assertEquals([machine.watch.steps, machine.watch.suspends, machine.watch.pauses], [0, 0, 0]);
  assertAlmostEquals(machine.watch.rate, 20 * PPM, 0.2 * PPM);
});

Deno.test("SteeringWatch tells a pause after which the clocks disagree from a step without a pause", () => {
  const machine = new SteeredMachine();
  machine.run(10);
  machine.step(3600);
  machine.run(1);
  assertEquals([machine.watch.steps, machine.watch.pauses], [1, 0]);
  machine.pass(4_000_000_000n);
  machine.step(3600);
  machine.run(1);
  assertEquals([machine.watch.steps, machine.watch.pauses], [2, 1]);
});

Deno.test("SteeringWatch sees no step in readings that lie 2 ms apart because it was preempted", () => {
  const machine = new SteeredMachine();
  machine.run(10);
  machine.run(0.05, 100, 2_000_000);
  machine.run(1);
  assertEquals([machine.watch.steps, machine.watch.suspends], [0, 0]);
  assertAlmostEquals(machine.watch.rate, 0, 1 * PPM);
});
