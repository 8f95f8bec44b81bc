/**
 * Makes one script of a module, of all that it imports, and of the parts that it carries.
 *
 * @module
 */
import manifest from "../deno.json" with { type: "json" };
import { runDeno } from "./run_deno.ts";
import type { Asset, Part, Script } from "./roles.ts";

/** What the carried parts take the place of. */
const CARRIED = import.meta.resolve("../cli/carried.ts");

/**
 * The text of the script.
 *
 * @throws {PackagingError} the bundler failed
 */
export async function bundleScript({ script, carries = [] }: Script): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "chronotick-bundle-" });
  try {
    await Deno.writeTextFile(`${folder}/carried.js`, await carriedModule(carries));
    await Deno.writeTextFile(`${folder}/import_map.json`, JSON.stringify(importMap()));
    const options = ["--quiet", "--platform", "deno", "--minify", "--keep-names"];
    const files = ["--import-map", `${folder}/import_map.json`, "--output", `${folder}/script.js`];
    await runDeno(["bundle", ...options, ...files, import.meta.resolve(script)]);
    return await Deno.readTextFile(`${folder}/script.js`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The project's own import map, with the parts in the place of none. */
function importMap(): { readonly imports: Readonly<Record<string, string>> } {
  return { imports: { ...manifest.imports, [CARRIED]: "./carried.js" } };
}

async function carriedModule(parts: readonly Part[]): Promise<string> {
  const entries: string[] = [];
  for (const part of parts) {
    const [path, text] = "script" in part
      ? [part.script, await bundleScript(part)]
      : [part.file, await compressed(part)];
    entries.push(`${JSON.stringify(path.split("/").at(-1))}: () => ${JSON.stringify(text)}`);
  }
  return `export const CARRIED = {${entries.join(", ")}};`;
}

/** The file as base64 of its gzip. */
async function compressed({ file }: Asset): Promise<string> {
  // Importing bytes finds the files of packages too, wherever they are kept.
  const { default: content } = await import(import.meta.resolve(file), { with: { type: "bytes" } });
  const gzip = new Blob([content]).stream().pipeThrough(new CompressionStream("gzip"));
  return base64(new Uint8Array(await new Response(gzip).arrayBuffer()));
}

function base64(bytes: Uint8Array): string {
  const STRIDE_BYTES = 3 * 4096; // whole triples, and few enough arguments
  let text = "";
  for (let at = 0; at < bytes.length; at += STRIDE_BYTES) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + STRIDE_BYTES)));
  }
  return text;
}
