import { assert, assertEquals } from "@std/assert";
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { boottimeNamespaceOffsetNs, parseBoottimeOffset } from "../../ffi/time_namespace.ts";
import { available, findProgram } from "../support/available.ts";
import { DenoChild } from "../support/deno_child.ts";

Deno.test("parseBoottimeOffset() reads the kernel's file: seconds and nanoseconds of the boottime line", () => {
  assertEquals(parseBoottimeOffset("monotonic           0         0\nboottime            0         0\n"), 0n);
  assertEquals(
    parseBoottimeOffset("monotonic      864000         0\nboottime      7200 500000000\n"),
    7_200_500_000_000n,
  );
  // The nanoseconds count upwards from the seconds, also from negative ones (time_namespaces(7)).
  assertEquals(parseBoottimeOffset("monotonic 0 0\nboottime -2 250000000\n"), -1_750_000_000n);
});

Deno.test("parseBoottimeOffset() takes a file without a boottime line as no offset", () => {
  assertEquals(parseBoottimeOffset(""), 0n);
  assertEquals(parseBoottimeOffset("monotonic 5 0\n"), 0n);
});

Deno.test("boottimeNamespaceOffsetNs() agrees with the kernel's file about this process", () => {
  const text = Deno.readTextFileSync("/proc/self/timens_offsets");
  const [, seconds, nanoseconds] = text.split("\n").find((line) => line.startsWith("boottime"))!.split(/\s+/);
  assertEquals(boottimeNamespaceOffsetNs(), BigInt(seconds!) * 1_000_000_000n + BigInt(nanoseconds!));
});

/** Time namespaces need root and a kernel that has them. */
async function canUnshareTime(): Promise<boolean> {
  if (!available("unshare")) return false;
  const args = ["--time", "--boottime", "1", "true"];
  return (await new Deno.Command(findProgram("unshare")!, { args, stderr: "null" }).output()).success;
}

for (const offsetSeconds of [1000, -3]) {
  Deno.test({
    name:
      `boottimeNamespaceOffsetNs() takes a time namespace ${offsetSeconds} s off back to the host's BOOTTIME`,
    ignore: !await canUnshareTime(),
    fn: async () => {
      const prefix = [
        findProgram("unshare")!,
        "--time",
        "--boottime",
        `${offsetSeconds}`,
        "--fork",
        "--kill-child",
      ];
      const before = nowNs(Clock.BOOTTIME);
      await using child = new DenoChild(new URL("./time_namespace_child.ts", import.meta.url), { prefix });
      const [offsetNs, hostNs] = (await child.line()).split(" ").map(BigInt);
      const after = nowNs(Clock.BOOTTIME);
      assertEquals(offsetNs, BigInt(offsetSeconds) * 1_000_000_000n);
      assert(before < hostNs! && hostNs! < after, `${before} < ${hostNs} < ${after}`);
    },
  });
}
