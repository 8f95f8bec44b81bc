import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { together } from "../system/support/together.ts";
import { PackagedWorld } from "./support/packaged_world.ts";
import { roleScenarios } from "./support/role_scenarios.ts";

/** A runtime stub, where there is one that need not be downloaded. */
const STUB = Deno.env.get("DENORT_BIN");
/** The Deno of the stub's version. */
const COMPILER = Deno.env.get("COMPILE_DENO") ?? Deno.execPath();

Deno.test({
  name: "each role's binary runs it alone: no Deno, no source, no network, an empty home",
  ignore: STUB === undefined,
  async fn(t) {
    await using world = await PackagedWorld.create();
    const { code, stderr } = await world.make("compile", ["--deno", COMPILER]);
    assertEquals([code, stderr], [0, ""]);
    await Deno.remove(`${world.programs}/deno`);
    await together(t, roleScenarios(world, ""));
    assertEquals(world.leftovers(), []);
  },
});

Deno.test({
  name: "a stub of another machine is refused, and no binary stays",
  ignore: STUB === undefined,
  async fn() {
    await using world = await PackagedWorld.create();
    const other = ["x86_64", "aarch64"].find((arch) => arch !== Deno.build.arch);
    const target = ["--target", `${other}-unknown-linux-gnu`];
    const client = ["--role", "chronotick-client"];
    const { code, stderr } = await world.make("compile", ["--deno", COMPILER, ...target, ...client]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, `is not for ${target[1]}`);
    assertEquals([...Deno.readDirSync(world.packages)], []);
  },
});

Deno.test("without a stub one sentence says what is missing and what to do", async () => {
  await using world = await PackagedWorld.create();
  for (
    const [stub, reason] of [
      [`${world.packages}/nothing`, "there is no runtime stub"], // as where it cannot be downloaded
      ["/bin/true", "does not fit"],
    ] as const
  ) {
    const { code, stdout, stderr } = await world.make("compile", ["--role", "chronotick-client"], {
      DENORT_BIN: stub,
    });
    assertEquals([code, stdout], [1, ""]);
    assertMatch(
      stderr,
      /^chronotick-compile: Cannot compile chronotick-client: [^\n]+ Set DENORT_BIN to [^\n]+\.\n$/,
    );
    assertStringIncludes(stderr, reason);
  }
  assertEquals([...Deno.readDirSync(world.packages)], []);
});
