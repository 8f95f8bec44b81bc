/**
 * A role's package as a script that can be run by its name.
 *
 * @module
 */
import { makeOutputFolder } from "./output_folder.ts";
import { flagsOf, type Role } from "./roles.ts";
import { bundleScript } from "./script_bundle.ts";

const EXECUTABLE = 0o755;
/** Linux takes so many characters of the line that says what a script is run with (execve(2)). */
const MAX_FIRST_LINE = 255;
/** Deno's short forms of `--allow-…`. */
const SHORT: Readonly<Record<string, string>> = { env: "-E", net: "-N", read: "-R", sys: "-S", write: "-W" };

/**
 * Writes `FOLDER/NAME.js`, executable, and returns its path.
 *
 * @throws {PackagingError} the bundler failed
 */
export async function writeRoleBundle(role: Role, folder: string): Promise<string> {
  const path = `${folder}/${role.name}.js`;
  const text = `${firstLine(role)}\n${withRequire(await bundleScript(role))}`;
  await makeOutputFolder(folder);
  await Deno.writeTextFile(path, text, { mode: EXECUTABLE });
  await Deno.chmod(path, EXECUTABLE); // it may have been there with another mode
  return path;
}

/** The bundler leaves what CommonJS libraries require of Node to a function that modules lack: they get it. */
function withRequire(script: string): string {
  const isNeeded = script.includes("Dynamic require of");
  const require =
    'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);\n';
  return isNeeded ? require + script : script;
}

/** What a shell runs the script with: nothing around it counts, and it may do what it must and no more. */
function firstLine(role: Role): string {
  const flags = flagsOf(role).map((flag) =>
    flag.replace(/^--allow-(env|net|read|sys|write)/, (_, what) => SHORT[what]!)
  );
  const line = ["#!/usr/bin/env -S deno run -q --no-prompt --no-config", ...flags].join(" ");
  if (line.length <= MAX_FIRST_LINE) return line;
  throw new RangeError(`Cannot make ${role.name}.js: its first line is longer than the kernel reads.`);
}
