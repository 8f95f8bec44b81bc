import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { SEQUENCE_WORD } from "../../record/layout.ts";
import {
  type Block,
  blockOf,
  type MemoryOrder,
  memoryOrderOf,
  publishBlock,
  readBlock,
} from "../../record/seqlock.ts";
import { fillPayload, isWholePayload } from "./whole_payload.ts";

const ORDERS: readonly MemoryOrder[] = ["tso", "weak"];

function newBlock(): Block {
  return blockOf(new ArrayBuffer(128));
}

function payloadOf(counter: number): Int32Array {
  const { words } = newBlock();
  fillPayload(words, counter);
  return words;
}

/** The block's words, with `before(access)` called at each access to one of its views: 1 is the first. */
function watched(block: Block, before: (access: number) => void): Block {
  let accesses = 0;
  return {
    get words() {
      before(++accesses);
      return block.words;
    },
    get doubles() {
      before(++accesses);
      return block.doubles;
    },
  };
}

Deno.test("memoryOrderOf() trusts x86-64 alone to keep loads in order", () => {
  assertEquals(["x86_64", "aarch64", "riscv64"].map(memoryOrderOf), ["tso", "weak", "weak"]);
});

Deno.test("readBlock() gives what publishBlock() published, under an even sequence that goes on", () => {
  for (const order of ORDERS) {
    const [shared, copy] = [newBlock(), newBlock()];
    for (let counter = 1; counter <= 3; counter++) {
      publishBlock(shared.words, payloadOf(counter));
      assert(readBlock(shared, copy, order, 1));
      assertEquals(copy.words[SEQUENCE_WORD], 2 * counter);
      assertEquals(copy.words[0], counter);
      assert(isWholePayload(copy.words));
    }
  }
});

Deno.test("publishBlock() leaves the payload's own sequence word out", () => {
  const shared = newBlock();
  const payload = payloadOf(1);
  payload[SEQUENCE_WORD] = 777;
  publishBlock(shared.words, payload);
  assertEquals(shared.words[SEQUENCE_WORD], 2);
});

Deno.test("publishBlock() carries the sequence over from 0xfffffffe to 0", () => {
  const [shared, copy] = [newBlock(), newBlock()];
  shared.words[SEQUENCE_WORD] = 0xfffffffc;
  publishBlock(shared.words, payloadOf(1));
  assertEquals(shared.words[SEQUENCE_WORD]! >>> 0, 0xfffffffe);
  assert(readBlock(shared, copy, "weak", 1));
  publishBlock(shared.words, payloadOf(2));
  assertEquals(shared.words[SEQUENCE_WORD], 0);
  assert(readBlock(shared, copy, "weak", 1));
  assertEquals(copy.words[0], 2);
});

Deno.test("publishBlock() keeps the sequence odd at every store, and the next one heals what a killed writer left", () => {
  for (let killedAt = 0; killedAt < 32; killedAt++) {
    if (killedAt === SEQUENCE_WORD) continue;
    const [shared, copy] = [newBlock(), newBlock()];
    publishBlock(shared.words, payloadOf(1));
    const dying = new Proxy(payloadOf(2), {
      get(words, key) {
        if (key === "length") return words.length;
        assertEquals(shared.words[SEQUENCE_WORD], 3);
        if (Number(key) === killedAt) throw new Error("killed");
        return words[Number(key)];
      },
    });
    assertThrows(() => publishBlock(shared.words, dying), Error, "killed");
    for (const order of ORDERS) assertEquals(readBlock(shared, copy, order, 10), false);

    publishBlock(shared.words, payloadOf(3));
    assertEquals(shared.words[SEQUENCE_WORD], 4);
    for (const order of ORDERS) {
      assert(readBlock(shared, copy, order, 1));
      assertEquals(copy.words[0], 3);
      assert(isWholePayload(copy.words));
    }
  }
});

Deno.test("readBlock() gives up after the attempts that it is given, and leaves the copy alone", () => {
  for (const order of ORDERS) {
    const [shared, copy] = [newBlock(), newBlock()];
    shared.words[SEQUENCE_WORD] = 5;
    for (const attempts of [0, 1, 64]) {
      let looks = 0;
      assertEquals(readBlock(watched(shared, () => looks++), copy, order, attempts), false);
      assertEquals(looks, attempts);
    }
    assertEquals(copy.words, newBlock().words);
  }
});

Deno.test("readBlock() reads again when a publication came in between, wherever it did", () => {
  for (const order of ORDERS) {
    // The accesses of one attempt: the sequence, the payload, the sequence.
    for (const interrupted of [2, 3]) {
      const [shared, copy] = [newBlock(), newBlock()];
      publishBlock(shared.words, payloadOf(1));
      const interrupt = (access: number) => {
        if (access === interrupted) publishBlock(shared.words, payloadOf(2));
      };
      assertEquals(readBlock(watched(shared, interrupt), copy, order, 1), false);
      assert(readBlock(watched(shared, interrupt), copy, order, 2));
      assertEquals(copy.words[0], 2);
    }
  }
});

const HUNT_MS = 600;
const BATCH = 200;

for (const order of ORDERS) {
  Deno.test(`readBlock() never tears a block that another thread writes at full speed (${order})`, async () => {
    const shared = blockOf(new SharedArrayBuffer(128));
    publishBlock(shared.words, payloadOf(0));
    const control = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL("./seqlock_writer_worker.ts", import.meta.url).href, {
      type: "module",
    });
    const ended = Promise.withResolvers<number>();
    worker.onmessage = ({ data }) => ended.resolve(data);
    worker.onerror = (event) => ended.reject(new Error(event.message));
    worker.postMessage({ shared: shared.words.buffer, control });
    while (Atomics.load(shared.words, SEQUENCE_WORD) === 2) await new Promise((done) => setTimeout(done, 1));

    const seen = hunt(shared, order);
    Atomics.store(control, 0, 1);
    assertEquals(seen.torn, 0);
    assertGreater(seen.different, 10);
    assertGreater(await ended.promise, seen.different - 1);
  });
}

/** Reads for a while; how many reads were torn, and how many gave another payload than the one before. */
function hunt(shared: Block, order: MemoryOrder): { torn: number; different: number } {
  const copy = newBlock();
  const endMs = performance.now() + HUNT_MS;
  let torn = 0;
  let different = 0;
  let last = 0;
  while (performance.now() < endMs) {
    for (let i = 0; i < BATCH; i++) {
      if (!readBlock(shared, copy, order, 1000)) continue;
      if (!isWholePayload(copy.words)) torn++;
      if (copy.words[0] !== last) different++;
      last = copy.words[0]!;
    }
  }
  return { torn, different };
}
