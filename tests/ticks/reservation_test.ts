import { assert, assertEquals, assertThrows } from "@std/assert";
import type { CounterFile } from "../../ticks/counter_file.ts";
import { FILE_BYTES, type Slot, Word } from "../../ticks/counter_layout.ts";
import { Reservation } from "../../ticks/reservation.ts";

/** Words without a file; who writes a slot may be killed at that moment. */
class Witness {
  readonly words = new BigUint64Array(FILE_BYTES / 8);
  readonly slots: Slot[] = [];
  readonly reservation = new Reservation(this as unknown as CounterFile, this.words, 10);
  readonly path = "nowhere";
  isKilled = false;

  constructor() {
    this.words[Word.next] = 1n;
  }

  isStillNamed(): boolean {
    return true;
  }

  writeSlot(slot: Slot): void {
    this.assertCovered(slot);
    if (this.isKilled) throw new Error("killed");
    this.slots.push(slot);
  }

  /** The words promise no more than the slot, also if nothing is done after it. */
  assertCovered({ limit, utcLimitNs }: Slot): void {
    assert(this.words[Word.limit]! <= limit, "the limit of ticks");
    assert(this.words[Word.utcLimitNs]! <= utcLimitNs, "the limit of times");
  }
}

Deno.test("while a slot is written the words promise no more than it and than the slot before", () => {
  const witness = new Witness();
  for (const [tick, utcNs] of [[1n, 0n], [12n, 7n], [12n, 9_000_000_000n]] as const) {
    witness.reservation.cover(tick, utcNs);
    witness.words[Word.next] = tick + 1n;
    witness.words[Word.lastUtcNs] = utcNs;
  }
  assertEquals(witness.slots.map(({ sequence, limit }) => [sequence, limit]), [[1n, 10n], [2n, 21n], [
    3n,
    21n,
  ]]);
  witness.reservation.giveBack();
  assertEquals(witness.slots.at(-1), {
    sequence: 4n,
    limit: 12n,
    utcLimitNs: 9_000_000_000n,
    isCleanStop: true,
  });
});

Deno.test("who is killed while he gives back leaves words that the slot before covers", () => {
  const witness = new Witness();
  witness.reservation.cover(1n, 5n);
  witness.words[Word.next] = 2n;
  witness.words[Word.lastUtcNs] = 5n;
  witness.isKilled = true;
  assertThrows(() => witness.reservation.giveBack(), Error, "killed");
  witness.assertCovered(witness.slots[0]!);
  assertEquals([witness.words[Word.limit], witness.words[Word.utcLimitNs]], [1n, 5n]);
  assertEquals(witness.words[Word.sequence], 1n);
});
