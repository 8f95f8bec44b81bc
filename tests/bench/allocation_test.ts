import { assert, assertGreater } from "@std/assert";

const CHILD = new URL("./allocation_child.ts", import.meta.url).pathname;
/** What the chunks' publications leave behind is less than what V8 collects at once. */
const STRAY_COLLECTIONS = 1;

/** How often V8 collected memory between the marks of the child, by mark. */
async function collections(): Promise<Map<string, number>> {
  // On one thread, V8 compiles at the same call in every run.
  const flags = "--v8-flags=--single-threaded,--trace-gc";
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", flags, "--allow-ffi", CHILD],
  });
  const text = new TextDecoder().decode((await command.output()).stdout);
  const parts = text.matchAll(/^begin (\w+)$([^]*?)^end \1$/gm);
  return new Map(Array.from(parts, ([, name, between]) => [name!, between!.match(/ ms: /g)?.length ?? 0]));
}

Deno.test("three million reads and decodes leave V8 nothing to collect, where now() with its fresh object does", async () => {
  const counts = await collections();
  assert(counts.get("nowInto")! <= STRAY_COLLECTIONS, `nowInto(): ${counts.get("nowInto")} collections`);
  assert(counts.get("decode")! <= STRAY_COLLECTIONS, `decodeRecord(): ${counts.get("decode")} collections`);
  assertGreater(counts.get("now")!, 10);
});
