import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { allowedProcessors, MAX_PROCESSORS, pinProcess } from "../../ffi/affinity.ts";
import { available } from "../support/available.ts";
import { DenoChild } from "../support/deno_child.ts";
import { python } from "../support/python.ts";

Deno.test({
  name: "allowedProcessors() is what Python's sched_getaffinity says of a child that inherits it",
  ignore: !available("python3"),
  fn: async () => {
    const printed = await python("import os; print(*sorted(os.sched_getaffinity(0)))");
    assertEquals(allowedProcessors().join(" "), printed);
  },
});

Deno.test("pinProcess() pins every thread, those of workers too, and those born later", async () => {
  const processor = allowedProcessors().at(-1)!;
  await using child = new DenoChild(new URL("./pin_child.ts", import.meta.url), {
    args: [`${processor}`],
    permissions: ["--allow-all"],
  });
  const allowedByThread = (await child.line()).split(" ");
  assertGreater(allowedByThread.length, 3);
  assertEquals(new Set(allowedByThread), new Set([`${processor}`]));
  assertEquals(await child.line(), `${processor}`);
});

Deno.test("pinProcess() says which processors there are when it is asked for others", () => {
  const before = allowedProcessors();
  const error = assertThrows(() => pinProcess([MAX_PROCESSORS - 1]), RangeError);
  assertEquals(
    error.message,
    `Cannot pin to processors 1023: this process may use ${before.join(", ")}.`,
  );
  assertThrows(() => pinProcess([]), RangeError, "Cannot pin");
  assertEquals(allowedProcessors(), before);
});

Deno.test("pinProcess() refuses numbers that name no processor", () => {
  for (const processor of [-1, 0.5, NaN, MAX_PROCESSORS]) {
    assertThrows(() => pinProcess([processor]), RangeError, `Cannot pin to processor ${processor}:`);
  }
});
