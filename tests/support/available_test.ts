import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { available, findProgram } from "./available.ts";

Deno.test("findProgram() finds what is on the PATH and is executable", () => {
  const folder = Deno.makeTempDirSync({ prefix: "chronotick-path-" });
  try {
    Deno.writeTextFileSync(`${folder}/runs`, "", { mode: 0o755 });
    Deno.writeTextFileSync(`${folder}/reads`, "", { mode: 0o644 });
    Deno.mkdirSync(`${folder}/folder`);
    const environment = new Map([["PATH", `/nowhere::${folder}`]]);
    assertEquals(findProgram("runs", environment), `${folder}/runs`);
    const found = ["runs", "reads", "folder", "absent"].map((program) => available(program, environment));
    assertEquals(found, [true, false, false, false]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("findProgram() finds servers that the PATH leaves out", () => {
  // Debian gives its system users this shell, so it is in every installation.
  assertMatch(findProgram("nologin", new Map()) ?? "", /^(\/usr)?\/sbin\/nologin$/);
});

Deno.test("available() throws under CI=true and names the package", () => {
  const refusal = (program: string) =>
    assertThrows(() => available(program, new Map([["CI", "true"]])), Error).message;
  assertEquals(
    refusal("busctl"),
    "Cannot find busctl, which these tests need: install the Debian package systemd.",
  );
  assertEquals(
    refusal("no-such-program"),
    "Cannot find no-such-program, which these tests need: install the Debian package no-such-program.",
  );
  assertEquals(available("busctl", new Map([["CI", "false"]])), false);
});
