import { assertEquals, assertMatch } from "@std/assert";
import { type Ran, runToEnd } from "../support/run_to_end.ts";

const MAIN = new URL("../../bench/main.ts", import.meta.url).pathname;

function bench(...args: string[]): Promise<Ran> {
  return runToEnd(Deno.execPath(), { args: ["run", "--quiet", "--allow-all", MAIN, ...args] });
}

Deno.test("bench --only attach --json prints one object with that group's figures, and progress on stderr", async () => {
  const { code, stdout, stderr } = await bench("--only", "attach", "--json");
  assertEquals(code, 0);
  assertMatch(stderr, /^bench: attaching$/m);
  const { machine, groups } = JSON.parse(stdout);
  assertEquals(machine.deno, Deno.version.deno);
  assertEquals(groups.map(({ name }: { name: string }) => name), ["attach"]);
  const figures = groups[0].figures as { name: string; value: number; goal: { at_most: number } | null }[];
  assertEquals(figures.map(({ name }) => name), ["second", "first", "later"]);
  assertEquals(figures.map(({ goal }) => goal?.at_most), [0.3, undefined, undefined]);
  assertEquals(figures.every(({ value }) => value > 0), true);
});

Deno.test("bench --only names its groups when it is given another", async () => {
  const { code, stderr } = await bench("--only", "speed");
  assertEquals(code, 2);
  assertMatch(stderr, /read, attach, start, .*daemon.* or \w+/);
});
