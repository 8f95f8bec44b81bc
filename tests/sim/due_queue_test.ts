import { assertEquals } from "@std/assert";
import { DueQueue } from "../../sim/due_queue.ts";
import { Random } from "../../sim/random.ts";

function drain<Item>(queue: DueQueue<Item>, nowNs: bigint): Item[] {
  const items: Item[] = [];
  for (let item = queue.popDue(nowNs); item !== null; item = queue.popDue(nowNs)) items.push(item);
  return items;
}

Deno.test("DueQueue gives back 1000 items in the order in which a stable sort puts them", () => {
  const random = new Random(1);
  const items = Array.from(
    { length: 1000 },
    (_, serial) => ({ dueNs: BigInt(random.uint32() % 300), serial }),
  );
  const queue = new DueQueue<{ dueNs: bigint; serial: number }>(1000);
  for (const item of items) queue.push(item.dueNs, item);
  assertEquals(drain(queue, 1000n), items.toSorted((a, b) => Number(a.dueNs - b.dueNs)));
});

Deno.test("DueQueue.popDue() holds back what is not due yet and says when the next one is", () => {
  const queue = new DueQueue<string>(3);
  queue.push(30n, "late");
  queue.push(10n, "soon");
  queue.push(20n, "middle");
  assertEquals(queue.nextDueNs, 10n);
  assertEquals(drain(queue, 9n), []);
  assertEquals(drain(queue, 20n), ["soon", "middle"]);
  assertEquals(queue.nextDueNs, 30n);
  assertEquals(drain(queue, 30n), ["late"]);
  assertEquals(queue.nextDueNs, null);
});

Deno.test("DueQueue.push() refuses what exceeds the capacity and takes it once there is room", () => {
  const queue = new DueQueue<number>(2);
  assertEquals([queue.push(1n, 1), queue.push(2n, 2), queue.push(0n, 3)], [true, true, false]);
  assertEquals(queue.popDue(1n), 1);
  assertEquals(queue.push(0n, 3), true);
  assertEquals(queue.size, 2);
  assertEquals(drain(queue, 9n), [3, 2]);
});

Deno.test("DueQueue keeps its order while items come and go", () => {
  const random = new Random(2);
  const queue = new DueQueue<bigint>(64);
  const model: bigint[] = [];
  for (let nowNs = 0n; nowNs < 2000n; nowNs++) {
    const dueNs = nowNs + BigInt(random.uint32() % 40);
    if (queue.push(dueNs, dueNs)) model.push(dueNs);
    const expected = model.filter((due) => due <= nowNs).toSorted((a, b) => Number(a - b));
    assertEquals(drain(queue, nowNs), expected);
    model.splice(0, model.length, ...model.filter((due) => due > nowNs));
  }
});
