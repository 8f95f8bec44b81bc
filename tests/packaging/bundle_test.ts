import { assertEquals } from "@std/assert";
import { together } from "../system/support/together.ts";
import { PackagedWorld } from "./support/packaged_world.ts";
import { roleScenarios } from "./support/role_scenarios.ts";

Deno.test("each role's bundle runs it alone: no source, no network, an empty home, the least permissions", async (t) => {
  await using world = await PackagedWorld.create();
  const { code, stderr } = await world.make("bundle");
  assertEquals([code, stderr], [0, ""]);
  await together(t, roleScenarios(world, ".js"));
  assertEquals(world.leftovers(), []);
});
