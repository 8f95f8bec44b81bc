import { assertEquals, assertMatch } from "@std/assert";
import { parseOptions } from "../../cli/options.ts";
import { PROGRAM } from "../../ticks/ctl.ts";
import { StateFolder } from "./state_folder.ts";

const CHECKOUT = new URL("../../", import.meta.url);
const GUIDE = Deno.readTextFileSync(new URL("docs/ticks.md", CHECKOUT));

Deno.test("the program in docs/ticks.md runs with the permissions that it says", async () => {
  using state = new StateFolder({ isEmpty: true });
  const program = /```ts ignore\n(.*?)```/s.exec(GUIDE)![1]!;
  const permissions = /It needs `([^`]+)`/.exec(GUIDE)![1]!.split(" ");
  const file = `${state.path}/program.ts`;
  Deno.writeTextFileSync(file, program.replace('"./ticks/mod.ts"', `"${new URL("ticks/mod.ts", CHECKOUT)}"`));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-config", ...permissions, file],
    env: { CHRONOS_STATE_DIR: `${state.path}/chronos`, NO_COLOR: "1" },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  assertMatch(new TextDecoder().decode(stdout), /^\d{4}-.*Z::CLAUDE-A::TICK-0000000002\n2n\n$/);
});

Deno.test("every chronos-ctl command in docs/ticks.md is one that the program knows", () => {
  const lines = [...GUIDE.matchAll(/^deno task chronos-ctl ([^#\n]+?) *(?:#.*)?$/gm)].map(([, line]) =>
    line!
  );
  for (const line of lines) {
    const words = line.match(/'[^']*'|\S+/g)!.map((word) => word.replaceAll("'", ""));
    assertEquals(parseOptions(PROGRAM, words).constructor, Object);
  }
  assertEquals(lines.length, 9);
});
