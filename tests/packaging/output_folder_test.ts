import { assertEquals, assertRejects } from "@std/assert";
import { makeOutputFolder } from "../../packaging/output_folder.ts";
import { PackagingError } from "../../packaging/run_deno.ts";

Deno.test("makeOutputFolder() makes what is missing, and says what to do where a file is in the way", async () => {
  const root = await Deno.makeTempDir({ prefix: "chronotick-output-" });
  try {
    await makeOutputFolder(`${root}/a/b`);
    assertEquals((await Deno.stat(`${root}/a/b`)).isDirectory, true);
    await Deno.writeTextFile(`${root}/file`, "");
    await assertRejects(
      () => makeOutputFolder(`${root}/file`),
      PackagingError,
      "Choose another one with --output.",
    );
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
