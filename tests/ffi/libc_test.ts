import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { cString, libc, PlatformError } from "../../ffi/libc.ts";
import { DenoChild } from "../support/deno_child.ts";

Deno.test("libc on a platform that is not Linux throws one error that says what ChronoTick needs", () => {
  const build = Object.getOwnPropertyDescriptor(Deno, "build")!;
  Object.defineProperty(Deno, "build", { ...build, value: { ...Deno.build, os: "darwin" } });
  try {
    const error = assertThrows(() => libc.geteuid(), PlatformError);
    assertEquals(
      error.message,
      "Cannot use geteuid on darwin: ChronoTick reads clocks and shared memory through Linux's C library. " +
        "Run it on Linux (x86-64 or arm64).",
    );
  } finally {
    Object.defineProperty(Deno, "build", build);
  }
  assertEquals(libc.geteuid(), Deno.uid());
});

Deno.test("libc asks for permission at the first use, not at import", async () => {
  const child = new URL("./no_permission_child.ts", import.meta.url);
  await using refused = new DenoChild(child, { permissions: [] });
  assertEquals([await refused.line(), await refused.line()], ["imported", "NotCapable"]);
});

Deno.test("cString() ends in NUL and refuses a string that would end earlier", () => {
  assertEquals([...cString("aä")], [0x61, 0xc3, 0xa4, 0]);
  const error = assertThrows(() => cString("a\0b"), TypeError);
  assertInstanceOf(error, TypeError);
});
