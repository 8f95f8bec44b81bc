import { assertEquals } from "@std/assert";

function packagesIn(lockFile: string): Record<string, unknown> {
  return JSON.parse(Deno.readTextFileSync(new URL(`../../${lockFile}`, import.meta.url))).npm;
}

Deno.test("the client's own lock file spares it the packages of the others, and pins what the project's does", () => {
  const packages = packagesIn("client/deno.lock");
  assertEquals(Object.keys(packages), ["deno-std@1.4.0"]);
  assertEquals(packages["deno-std@1.4.0"], packagesIn("deno.lock")["deno-std@1.4.0"]);
});
