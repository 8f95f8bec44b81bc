/**
 * The references in C, compiled where there is a compiler.
 *
 * @module
 */

const COMPILER = "cc";
const FLAGS = ["-O2", "-Wall", "-Wextra", "-Werror", "-pthread"];

/** Programs of `reference/`, by name. */
export type CReferenceName = "clock_read" | "timed_sleep";

/** Compiles each program once, into a folder that goes with this object. */
export class CReferences implements Disposable {
  readonly #folder = Deno.makeTempDirSync({ prefix: "chronotick_bench_" });
  readonly #compiled = new Map<CReferenceName, string | null>();

  /**
   * The path of the compiled program; null where there is no C compiler.
   *
   * @throws {Error} the compiler refused it
   */
  path(name: CReferenceName): string | null {
    const known = this.#compiled.get(name);
    if (known !== undefined) return known;
    const path = compile(name, `${this.#folder}/${name}`);
    this.#compiled.set(name, path);
    return path;
  }

  /** Removes what was compiled. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

function compile(name: CReferenceName, path: string): string | null {
  const source = new URL(`./reference/${name}.c`, import.meta.url).pathname;
  try {
    const command = new Deno.Command(COMPILER, { args: [...FLAGS, "-o", path, source], stderr: "piped" });
    const { success, stderr } = command.outputSync();
    if (success) return path;
    throw new Error(`Cannot compile ${name}.c: ${new TextDecoder().decode(stderr).trim()}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
