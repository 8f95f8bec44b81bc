import { assertEquals } from "@std/assert";
import { addOrders, judgeOrder, type StampedEvent } from "../../../bench/evaluate/event_order.ts";

function event(
  trueSeconds: number,
  stampSeconds: number,
  halfWidthSeconds: number,
  isBlind = false,
): StampedEvent {
  return { trueSeconds, stampSeconds, halfWidthSeconds, isBlind };
}

Deno.test("judgeOrder() orders only what does not touch", () => {
  // 0 ± 1 and 2 ± 1 touch, 4 ± 0.5 touches neither.
  assertEquals(judgeOrder([event(0, 0, 1), event(2, 2, 1), event(4, 4, 0.5)]), {
    pairs: 3,
    ordered: 2,
    wrong: 0,
    wrongBlind: 0,
  });
});

Deno.test("judgeOrder() finds the pairs whose stamps say the opposite of the truth", () => {
  // The first event is stamped 10 s late with an interval that does not hold the truth.
  assertEquals(judgeOrder([event(0, 10, 1), event(5, 5, 1), event(20, 20, 1)]), {
    pairs: 3,
    ordered: 3,
    wrong: 1,
    wrongBlind: 0,
  });
});

Deno.test("judgeOrder() tells the wrong pairs apart that involve a machine that could not know better", () => {
  const { wrong, wrongBlind } = judgeOrder([
    event(0, 10, 1, true),
    event(5, 5, 1),
    event(9, 3, 0.5),
    event(20, 20, 1, true),
  ]);
  // 0 after 5 and after 9, both because of the blind one; 9 before 5.
  assertEquals([wrong, wrongBlind], [3, 2]);
});

Deno.test("judgeOrder() orders nothing by stamps that claim nothing", () => {
  assertEquals(judgeOrder([event(0, 0, Infinity), event(5, 5, Infinity)]).ordered, 0);
});

Deno.test("addOrders() adds", () => {
  const order = { pairs: 3, ordered: 2, wrong: 1, wrongBlind: 1 };
  assertEquals(addOrders([order, order]), { pairs: 6, ordered: 4, wrong: 2, wrongBlind: 2 });
  assertEquals(addOrders([]), { pairs: 0, ordered: 0, wrong: 0, wrongBlind: 0 });
});
