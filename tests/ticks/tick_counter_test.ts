import { assert, assertEquals, assertThrows } from "@std/assert";
import { createCounter, resetCounter } from "../../ticks/create_counter.ts";
import { FILE_BYTES, Offset, SECTOR_BYTES } from "../../ticks/counter_layout.ts";
import { TickError, type TickErrorCode } from "../../ticks/errors.ts";
import { LAST_TICK } from "../../ticks/reservation.ts";
import { MAX_COUNT } from "../../ticks/check_demand.ts";
import { DEFAULT_BLOCK_TICKS, TickCounter } from "../../ticks/tick_counter.ts";
import { available } from "../support/available.ts";
import { DenoChild } from "../support/deno_child.ts";
import { StateFolder } from "./state_folder.ts";

const CHILD = new URL("./counter_child.ts", import.meta.url);
const IS_ROOT = Deno.uid() === 0;
const BLOCK = BigInt(DEFAULT_BLOCK_TICKS);

function assertRefused(code: TickErrorCode, action: () => unknown): TickError {
  const error = assertThrows(action, TickError);
  assertEquals(error.code, code, error.message);
  return error;
}

/** Changes the file's bytes in place, as whoever has no respect for it would. */
function spoil(path: string, offset: number, bytes: Uint8Array): void {
  using file = Deno.openSync(path, { read: true, write: true });
  file.seekSync(offset, Deno.SeekMode.Start);
  file.writeSync(bytes);
}

/** What the machine forgets when it loses power, at the worst: all that was only in memory. */
function loseLiveWords(state: StateFolder): void {
  spoil(state.file, Offset.live, new Uint8Array(4096));
}

Deno.test("the first tick is 1, and each is one more than the one before", () => {
  using state = new StateFolder();
  using counter = TickCounter.open(state.path);
  assertEquals(counter.current(), 0n);
  assertEquals([counter.next(), counter.next(), counter.next()], [1n, 2n, 3n]);
  assertEquals(counter.current(), 3n);
});

Deno.test("nextMany() hands out consecutive ticks, across reservations too", () => {
  using state = new StateFolder();
  using counter = state.open(1, { blockTicks: 7 });
  let expected = 1n;
  for (const count of [1, 5, 10, 100, 7, MAX_COUNT]) {
    assertEquals(counter.nextMany(count), expected);
    expected += BigInt(count);
    assertEquals(counter.current(), expected - 1n);
  }
});

Deno.test("a refused count or time leaves the tick unmoved", () => {
  using state = new StateFolder();
  using counter = TickCounter.open(state.path);
  counter.next();
  for (const count of [0, -1, 1.5, NaN, Infinity, MAX_COUNT + 1]) {
    assertRefused("RANGE", () => counter.nextMany(count));
  }
  for (const utcNs of [-1n, 2n ** 63n, 2n ** 64n + 5n]) {
    assertRefused("RANGE", () => counter.nextStamped(utcNs));
  }
  assertEquals([counter.current(), counter.next()], [1n, 2n]);
});

Deno.test("two that have the counter open share it", () => {
  using state = new StateFolder();
  using a = TickCounter.open(state.path);
  using b = TickCounter.open(state.path);
  assertEquals([a.next(), b.next(), b.next(), a.next(), a.current(), b.current()], [1n, 2n, 3n, 4n, 4n, 4n]);
});

Deno.test("after a clean stop counting goes on without a gap, after a reboot too", () => {
  using state = new StateFolder();
  let expected = 1n;
  for (const boot of [1, 1, 2, 2, 3]) {
    using counter = state.open(boot);
    assertEquals([counter.next(), counter.nextMany(10)], [expected, expected + 1n]);
    expected += 11n;
  }
});

Deno.test("after a process is killed, counting goes on without a gap within the same boot", async () => {
  using state = new StateFolder();
  {
    await using child = new DenoChild(CHILD, { args: [state.path, "three"], permissions: ["--allow-all"] });
    assertEquals([await child.line(), await child.line(), await child.line()], ["1", "2", "3"]);
    await child.end("SIGKILL");
  }
  using counter = TickCounter.open(state.path);
  assertEquals(counter.next(), 4n);
});

Deno.test("after the machine crashed, counting goes on above what was reserved, and the gap is bounded", () => {
  using state = new StateFolder();
  using crashed = state.open(1);
  const last = crashed.nextMany(10) + 9n;
  loseLiveWords(state);
  using counter = state.open(2);
  const next = counter.next();
  assert(next > last && next <= last + BLOCK + 1n, `${next}`);
});

Deno.test("a boot id of another container's makes the counter jump forward, never back", () => {
  using state = new StateFolder();
  using host = state.open(1);
  const ticks = [host.next()];
  {
    using container = state.open(2);
    ticks.push(container.next(), host.next(), container.next());
  }
  using again = state.open(1);
  ticks.push(again.next(), host.next());
  assertEquals(ticks, ticks.toSorted((a, b) => Number(a - b)));
  assertEquals(new Set(ticks).size, ticks.length);
});

Deno.test("a stamp's time never decreases: not when the clock does, not in another process, not after a crash", () => {
  using state = new StateFolder();
  using a = state.open(1);
  using b = state.open(1);
  assertEquals(a.nextStamped(1_000n), { tick: 1n, utcNs: 1_000n });
  assertEquals(b.nextStamped(999n), { tick: 2n, utcNs: 1_000n });
  assertEquals(b.nextStamped(20_000_000_000n), { tick: 3n, utcNs: 20_000_000_000n });
  assertEquals(a.nextStamped(1_001n), { tick: 4n, utcNs: 20_000_000_000n });
  loseLiveWords(state);
  using after = state.open(2);
  const { tick, utcNs } = after.nextStamped(5n);
  assert(tick > 4n && utcNs >= 20_000_000_000n && utcNs <= 25_000_000_000n, `${utcNs}`);
});

Deno.test("after a clean stop the last stamp's time is remembered exactly", () => {
  using state = new StateFolder();
  {
    using counter = state.open(1);
    counter.nextStamped(1_000n);
  }
  using counter = state.open(2);
  assertEquals(counter.nextStamped(0n), { tick: 2n, utcNs: 1_000n });
});

Deno.test("init leaves a counter alone, also a damaged one", () => {
  using state = new StateFolder();
  {
    using counter = TickCounter.open(state.path);
    counter.next();
  }
  assertEquals(createCounter(state.path), false);
  {
    using counter = TickCounter.open(state.path);
    assertEquals(counter.next(), 2n);
  }
  Deno.writeTextFileSync(state.file, "damaged");
  assertEquals(createCounter(state.path), false);
  assertEquals(Deno.readTextFileSync(state.file), "damaged");
  assertRefused("CORRUPT", () => TickCounter.open(state.path));
});

Deno.test("init makes folder and file for their owner alone, and leaves nothing else", () => {
  using state = new StateFolder({ isEmpty: true });
  const folder = `${state.path}/deep/chronos`;
  assertEquals(createCounter(folder), true);
  assertEquals(Deno.statSync(folder).mode! & 0o7777, 0o700);
  assertEquals(Deno.statSync(`${folder}/counter`).mode! & 0o7777, 0o600);
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["counter"]);
});

Deno.test("without init there is nothing to count with: a lost counter does not begin anew by itself", () => {
  using state = new StateFolder({ isEmpty: true });
  assertRefused("NO_COUNTER", () => TickCounter.open(state.path));
  assertRefused("NO_COUNTER", () => TickCounter.open(`${state.path}/nowhere`));
});

Deno.test("a file of any other length is refused, never reset", () => {
  for (const length of [0, 1, 511, 4096, FILE_BYTES - 1, FILE_BYTES + 1]) {
    using state = new StateFolder();
    Deno.truncateSync(state.file, length);
    assertRefused("CORRUPT", () => TickCounter.open(state.path));
    assertEquals(Deno.statSync(state.file).size, length);
  }
});

Deno.test("a flipped bit in the header is refused, wherever it is", () => {
  using state = new StateFolder();
  const whole = Deno.readFileSync(state.file);
  for (let byte = 0; byte < SECTOR_BYTES; byte++) {
    spoil(state.file, byte, Uint8Array.of(whole[byte]! ^ (1 << (byte % 8))));
    assertRefused("CORRUPT", () => TickCounter.open(state.path));
    spoil(state.file, byte, whole.subarray(byte, byte + 1));
  }
});

Deno.test("a flipped bit in a reservation costs a gap: it never makes a tick come twice", () => {
  using state = new StateFolder();
  let last = 0n;
  for (let byte = 0, boot = 1; byte < SECTOR_BYTES; byte += 11) {
    for (const slot of Offset.slots) {
      using before = state.open(++boot, { blockTicks: 10 });
      for (let i = 0; i < 25; i++) last = before.next();
      const original = Deno.readFileSync(state.file)[slot + byte]!;
      spoil(state.file, slot + byte, Uint8Array.of(original ^ (1 << (byte % 8))));
      loseLiveWords(state);
      using after = state.open(++boot);
      const next = after.next();
      assert(next > last, `${next} after ${last}`);
      last = next;
    }
  }
});

Deno.test("two damaged reservations are refused, and so is one that the running boot relies on", () => {
  using state = new StateFolder();
  {
    using counter = state.open(1);
    counter.next();
  }
  const whole = Deno.readFileSync(state.file);
  for (const slot of Offset.slots) spoil(state.file, slot, new Uint8Array(SECTOR_BYTES));
  assertRefused("CORRUPT", () => state.open(1));
  assertRefused("CORRUPT", () => state.open(2));
  spoil(state.file, 0, whole);
  using counter = state.open(1);
  assertEquals(counter.next(), 2n);
});

Deno.test("a copy of a counter is refused: both would hand out the same ticks", () => {
  using state = new StateFolder();
  using copy = new StateFolder({ isEmpty: true });
  Deno.copyFileSync(state.file, copy.file);
  const { message } = assertRefused("CORRUPT", () => TickCounter.open(copy.path));
  assert(message.includes("it is a copy"), message);
});

Deno.test("what another user could have made or may write is refused", () => {
  using state = new StateFolder();
  Deno.chmodSync(state.file, 0o640);
  assertRefused("STATE_FOLDER", () => TickCounter.open(state.path));
  Deno.chmodSync(state.file, 0o600);
  Deno.chmodSync(state.path, 0o777);
  assertRefused("STATE_FOLDER", () => TickCounter.open(state.path));
  assertRefused("STATE_FOLDER", () => createCounter(state.path));
  Deno.chmodSync(state.path, 0o700);
  if (!IS_ROOT) return;
  Deno.chownSync(state.file, 4321, 0);
  assertRefused("STATE_FOLDER", () => TickCounter.open(state.path));
  Deno.chownSync(state.path, 4321, 0);
  assertRefused("STATE_FOLDER", () => TickCounter.open(state.path));
});

Deno.test("a folder in the counter's place is refused", () => {
  using state = new StateFolder({ isEmpty: true });
  Deno.mkdirSync(state.file);
  assertRefused("UNAVAILABLE", () => TickCounter.open(state.path));
});

Deno.test("a counter whose file was taken away hands out no tick that is not reserved", () => {
  using state = new StateFolder();
  using counter = state.open(1, { blockTicks: 2 });
  assertEquals([counter.next(), counter.next()], [1n, 2n]);
  Deno.renameSync(state.file, `${state.file}.away`);
  assertRefused("UNAVAILABLE", () => counter.next());
  createCounter(state.path);
  assertRefused("UNAVAILABLE", () => counter.next());
  Deno.renameSync(`${state.file}.away`, state.file);
  assertEquals(counter.next(), 3n);
});

Deno.test("reset makes any tick the last one, and repairs whatever is in the file, in place", () => {
  using state = new StateFolder();
  const { ino } = Deno.statSync(state.file);
  for (const content of [null, "damaged", "x".repeat(FILE_BYTES + 1)]) {
    if (content !== null) Deno.writeTextFileSync(state.file, content);
    resetCounter(state.path, 41n);
    assertEquals(Deno.statSync(state.file).ino, ino);
    using counter = TickCounter.open(state.path);
    assertEquals([counter.current(), counter.next()], [41n, 42n]);
  }
});

Deno.test("reset is refused while somebody counts, and for what is no tick", () => {
  using state = new StateFolder();
  using counter = TickCounter.open(state.path);
  counter.next();
  assertRefused("BUSY", () => resetCounter(state.path));
  assertEquals(counter.next(), 2n);
  for (const tick of [-1n, LAST_TICK + 1n]) assertRefused("RANGE", () => resetCounter(state.path, tick));
});

Deno.test("at the end of all ticks each is handed out once, and then none, for ever", () => {
  using state = new StateFolder();
  resetCounter(state.path, LAST_TICK - 3n);
  using counter = state.open(1);
  assertRefused("EXHAUSTED", () => counter.nextMany(4));
  assertEquals([counter.next(), counter.next(), counter.next()], [LAST_TICK - 2n, LAST_TICK - 1n, LAST_TICK]);
  for (let i = 0; i < 3; i++) {
    assertRefused("EXHAUSTED", () => counter.next());
    assertRefused("EXHAUSTED", () => counter.nextMany(MAX_COUNT));
    assertRefused("EXHAUSTED", () => counter.nextStamped(1n));
    assertEquals(counter.current(), LAST_TICK);
  }
  loseLiveWords(state);
  using rebooted = state.open(2);
  assertRefused("EXHAUSTED", () => rebooted.next());
});

Deno.test("a closed counter says so and touches no memory", () => {
  using state = new StateFolder();
  const counter = TickCounter.open(state.path);
  counter.next();
  counter[Symbol.dispose]();
  counter[Symbol.dispose]();
  const uses = [
    () => counter.next(),
    () => counter.nextMany(2),
    () => counter.current(),
    () => counter.nextStamped(1n),
  ];
  for (const use of uses) assertRefused("CLOSED", use);
});

Deno.test({
  name: "when the disk fails no tick is handed out and none is used up",
  ignore: !available("strace"),
  fn: async () => {
    using state = new StateFolder();
    await using child = new DenoChild(CHILD, {
      args: [state.path, "fail"],
      permissions: ["--allow-all"],
      // The first two are those of the start.
      prefix: ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "inject=fdatasync:error=EIO:when=3+"],
    });
    assertEquals(await child.line(), "0");
    for (let i = 0; i < 3; i++) assertEquals((await child.line()).split(" ")[0], "UNAVAILABLE");
    assertEquals(await child.line(), "0");
    await child.end("SIGKILL");
    using counter = TickCounter.open(state.path);
    assertEquals(counter.next(), 1n);
  },
});

Deno.test({
  name: "when the disk fails at the first start after a boot, the counter cannot be opened",
  ignore: !available("strace"),
  fn: async () => {
    using state = new StateFolder();
    await using child = new DenoChild(CHILD, {
      args: [state.path, "open"],
      permissions: ["--allow-all"],
      prefix: ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "inject=fdatasync:error=EIO:when=2"],
    });
    const line = await child.line();
    assert(line.startsWith("UNAVAILABLE ") && line.includes("EIO"), line);
    await child.end("SIGKILL");
    using counter = TickCounter.open(state.path);
    assertEquals(counter.next(), 1n);
  },
});

Deno.test({
  name: "on a full disk init says so and leaves nothing behind",
  ignore: !available("unshare"),
  fn: async () => {
    using state = new StateFolder({ isEmpty: true });
    const mount = `mount -t tmpfs -o size=8k,mode=700 none ${state.path} && exec "$@"`;
    await using child = new DenoChild(CHILD, {
      args: [state.path, "init"],
      permissions: ["--allow-all"],
      prefix: ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"],
    });
    const line = await child.line();
    assert(line.startsWith("UNAVAILABLE ") && line.includes("ENOSPC"), line);
    assertEquals(await child.line(), "left: ");
  },
});
