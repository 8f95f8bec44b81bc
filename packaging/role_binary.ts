/**
 * A role's package as a program by itself, Deno's runtime included.
 *
 * @module
 */
import { VERSION } from "../cli/version.ts";
import { flagsOf, type Role } from "./roles.ts";
import { PackagingError, runDeno } from "./run_deno.ts";

/** What binaries can be made for, and what their ELF headers call the machine. */
export const TARGETS = {
  "x86_64-unknown-linux-gnu": 62,
  "aarch64-unknown-linux-gnu": 183,
} as const;

/** One of them. */
export type Target = keyof typeof TARGETS;

/** How to make a binary. */
export interface BinaryOptions {
  /** The role's bundle. */
  readonly script: string;
  /** Where the binary goes. */
  readonly output: string;
  /** The Deno that compiles. */
  readonly deno: string;
  readonly target: Target;
}

const REMEDY =
  "Set DENORT_BIN to the path of that target's denort, of the same version as the Deno that compiles, or use deno task bundle, whose scripts need none.";
/** Offset of `e_machine`, an u16, in an ELF header. */
const ELF_MACHINE = 18;

/**
 * Compiles the bundle, with the role's permissions and nothing else from around it.
 *
 * @throws {PackagingError} the compiler failed, or its stub is for another machine
 */
export async function writeRoleBinary(role: Role, options: BinaryOptions): Promise<void> {
  const { script, output, deno, target } = options;
  // The code cache would be a file of a known name in /tmp, which anybody could make first.
  const settings = [
    "--no-code-cache",
    "--quiet",
    "--no-check",
    "--no-config",
    "--no-lock",
    "--no-npm",
    "--no-remote",
  ];
  const files = ["--target", target, "--output", output, script];
  try {
    await runDeno(["compile", ...settings, "--no-prompt", ...flagsOf(role), ...files], deno);
  } catch (error) {
    if (error instanceof PackagingError) throw explained(error, role, options);
    throw error;
  }
  // Whatever DENORT_BIN names is taken.
  const fault = await stubFault(role, options);
  if (fault === null) return;
  await Deno.remove(output);
  throw new PackagingError(`Cannot compile ${role.name}: the runtime stub ${fault}. ${REMEDY}`, "");
}

/** Why the binary is of no use; null if it runs, or is for another machine. */
async function stubFault(role: Role, { output, deno, target }: BinaryOptions): Promise<string | null> {
  if (await machineOf(output) !== TARGETS[target]) return `is not for ${target}`;
  if (target !== Deno.build.target) return null;
  const ran = await new Deno.Command(output, { args: ["--version"], stdin: "null" }).output();
  const answer = new TextDecoder().decode(ran.stdout);
  return answer === `${role.name} ${VERSION}\n` ? null : `does not fit ${deno}`;
}

async function machineOf(path: string): Promise<number> {
  using file = await Deno.open(path);
  const header = new Uint8Array(ELF_MACHINE + Uint16Array.BYTES_PER_ELEMENT);
  await file.read(header);
  return new DataView(header.buffer).getUint16(ELF_MACHINE, true);
}

/** The compiler's trouble in getting its stub in one sentence; other troubles as they are. */
function explained(error: PackagingError, role: Role, { target }: BinaryOptions): PackagingError {
  const line = error.output.split("\n").find((text) => text.includes("denort"));
  if (line === undefined) return error;
  const why = line.trim().replace(/^\d+: /, "");
  return new PackagingError(
    `Cannot compile ${role.name}: there is no runtime stub for ${target} (${why}). ${REMEDY}`,
    error.output,
  );
}
