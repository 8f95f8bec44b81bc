import { assertEquals, assertThrows } from "@std/assert";
import { checked, Errno, lastErrno, LibcError } from "../../ffi/errno.ts";
import { cString, libc } from "../../ffi/libc.ts";
import { available } from "../support/available.ts";
import { DenoChild } from "../support/deno_child.ts";
import { python } from "../support/python.ts";

Deno.test({
  name: "LibcError names and describes every error number as Python does",
  ignore: !available("python3"),
  fn: async () => {
    const printed = await python(
      `import errno, os
for number, name in sorted(errno.errorcode.items()):
    print(number, name, os.strerror(number))`,
    );
    // Python's table holds one name of each number; these two are known by another one to the C library.
    const aliases: Record<string, string> = {
      EDEADLOCK: "EDEADLK",
      EWOULDBLOCK: "EAGAIN",
      ENOTSUP: "EOPNOTSUPP",
    };
    for (const line of printed.split("\n")) {
      const [, number, name, description] = /^(\d+) (\w+) (.*)$/.exec(line)!;
      const error = new LibcError("test", Number(number));
      const code = error.code in aliases ? aliases[error.code]! : error.code;
      assertEquals(code, aliases[name!] ?? name!);
      assertEquals(error.message, `Cannot test: ${description} (${error.code}).`);
    }
  },
});

Deno.test("LibcError tells of a number that nobody knows", () => {
  assertEquals(new LibcError("test", 9999).message, "Cannot test: unknown error (error 9999).");
});

Deno.test("Errno's numbers are the C library's", () => {
  for (const [name, number] of Object.entries(Errno)) assertEquals(new LibcError("test", number).code, name);
});

Deno.test("checked() throws the error number of the call that has just failed, with its operation", () => {
  const path = cString("/proc/self/no such file");
  const error = assertThrows(() => checked(libc.open(path, 0, 0), "open a file"), LibcError);
  assertEquals([error.operation, error.errno, error.code], ["open a file", Errno.ENOENT, "ENOENT"]);
  libc.open(cString("/proc/self/maps/x"), 0, 0);
  assertEquals(new LibcError("test", lastErrno()).code, "ENOTDIR");
});

Deno.test("checked() hands on results that are no failure", () => {
  assertEquals([checked(0, "test"), checked(7n, "test")], [0, 7n]);
});

Deno.test("LibcError is right even when the process's first call of the C library fails", async () => {
  await using child = new DenoChild(new URL("./first_failure_child.ts", import.meta.url));
  assertEquals(await child.line(), "Cannot open /tmp: Is a directory (EISDIR).");
});
