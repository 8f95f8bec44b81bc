import { assertEquals } from "@std/assert";
import { FloorMemory } from "../../../daemon/estimate/floor_memory.ts";

Deno.test("FloorMemory remembers the shortest round trip for an hour, and then the next shortest", () => {
  const memory = new FloorMemory();
  assertEquals(memory.floorSeconds, Infinity);
  for (let minute = 0; minute < 60; minute++) {
    memory.observe(60 * minute, minute === 0 ? 1e-3 : 2e-3);
    memory.observe(60 * minute + 30, 5e-3);
    assertEquals(memory.floorSeconds, 1e-3);
  }
  memory.observe(3600, 3e-3);
  assertEquals(memory.floorSeconds, 2e-3);
});

Deno.test("FloorMemory does not forget while nobody speaks", () => {
  const memory = new FloorMemory();
  memory.observe(0, 1e-3);
  memory.observe(100_000, 4e-3);
  assertEquals(memory.floorSeconds, 1e-3);
});

Deno.test("FloorMemory gives the old way up for a new one", () => {
  const memory = new FloorMemory();
  memory.observe(0, 1e-3);
  memory.restart(7e-3);
  memory.observe(90, 8e-3);
  assertEquals(memory.floorSeconds, 7e-3);
});
