import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Random } from "../../../sim/random.ts";
import { drawServers, type Liar, type Lie, type ServerCharacter } from "../../../sim/world/server.ts";

const PARAMETERS = { errorDeviationSeconds: 300e-6, rootDelaySeconds: [1e-3, 5e-3] } as const;
const DAY = 86_400;

function draw(liars: readonly Liar[], seed = 1, count = 4): ServerCharacter[] {
  return drawServers(PARAMETERS, liars, count, DAY, new Random(seed));
}

/** What a lie adds to the error of the server that tells it. */
function lieOf(lie: Lie): (atSeconds: number) => number {
  const [liar] = draw([{ oneOf: [0], lies: [lie] }]);
  const [honest] = draw([]);
  return (at) => liar!.errorAt(at) - honest!.errorAt(at);
}

Deno.test("an honest server's error has its kind's sd and stays within what it claims", () => {
  const servers = draw([], 2, 3000);
  for (const { errorAt, rootDispersionSeconds, rootDelaySeconds, isLiar } of servers) {
    for (let at = 0; at < 7000; at += 500) {
      assertEquals(Math.abs(errorAt(at)) <= rootDispersionSeconds, true);
    }
    assertEquals(rootDelaySeconds >= 1e-3 && rootDelaySeconds < 5e-3, true);
    assertEquals(isLiar, false);
  }
  const squares = servers.reduce((sum, { errorAt }) => sum + errorAt(1000) ** 2, 0);
  // The constant part has sd 1 (0.993 within 3 sd), the wave adds ½²·⅓·½ of a variance: √(0.987 + 0.0417) in all.
  assertAlmostEquals(Math.sqrt(squares / servers.length), 304e-6, 16e-6);
});

Deno.test("a constant liar is off by its lie at all times", () => {
  const lie = lieOf({ kind: "constant", seconds: 0.03 });
  for (const at of [0, 5000, DAY]) assertAlmostEquals(lie(at), 0.03, 1e-12);
});

Deno.test("a drifting liar is right until it begins; a smeared leap second gains a second in a day", () => {
  const lie = lieOf({ kind: "drifting", fromSeconds: 1500, rate: 1 / DAY });
  assertAlmostEquals(lie(1500), 0, 1e-15);
  assertAlmostEquals(lie(1500 + 3600), 0.041667, 1e-6);
  assertAlmostEquals(lie(1500 + DAY), 1, 1e-12);
});

Deno.test("a stepping liar is right before its step", () => {
  const lie = lieOf({ kind: "step", fromSeconds: 3000, seconds: -0.08 });
  assertAlmostEquals(lie(2999.9), 0, 1e-15);
  assertAlmostEquals(lie(3000), -0.08, 1e-15);
});

Deno.test("a jumping liar walks at random: its variance grows by its step's with each mean gap", () => {
  let squares = 0;
  const walks = 400;
  for (let seed = 0; seed < walks; seed++) {
    const kind = { kind: "jumping", meanGapSeconds: 120, deviationSeconds: 10e-3 } as const;
    const [liar] = draw([{ oneOf: [0], lies: [kind] }], seed);
    const [honest] = draw([], seed);
    squares += (liar!.errorAt(12_000) - honest!.errorAt(12_000)) ** 2 / walks;
  }
  // 100 steps of 10 ms; a variance of 400 walks is known to 1/√200.
  assertAlmostEquals(Math.sqrt(squares), 0.1, 0.016);
});

Deno.test("drawServers() lets one of the candidates lie, and tell one of the lies", () => {
  const lies: Lie[] = [{ kind: "constant", seconds: 1 }, { kind: "constant", seconds: 2 }];
  const seen = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const servers = draw([{ oneOf: [0, 2], lies }], seed);
    const liars = servers.flatMap(({ isLiar }, index) => isLiar ? [index] : []);
    assertEquals(liars.length, 1);
    seen.add(`${liars[0]} ${Math.round(servers[liars[0]!]!.errorAt(0))}`);
  }
  assertEquals([...seen].sort(), ["0 1", "0 2", "2 1", "2 2"]);
});

Deno.test("a liar may claim another root dispersion than honest servers of its kind", () => {
  const lies: Lie[] = [{ kind: "constant", seconds: 5e-3 }];
  const [honest, liar] = draw([{ oneOf: [1], lies, claimedDispersionSeconds: 2 ** -16 }]);
  assertAlmostEquals(honest!.rootDispersionSeconds, 2 ** -16 + 1.05e-3, 1e-12);
  assertEquals(liar!.rootDispersionSeconds, 2 ** -16);
});

Deno.test("drawServers() refuses a liar that is not there", () => {
  const lies: Lie[] = [{ kind: "constant", seconds: 1 }];
  assertThrows(() => draw([{ oneOf: [4], lies }]), RangeError, "Cannot make server 4 lie: there are 4.");
});
