/**
 * Where packages go.
 *
 * @module
 */
import { PackagingError } from "./run_deno.ts";

/**
 * Makes the folder, and those above it, where they are missing.
 *
 * @throws {PackagingError} it cannot be made
 */
export async function makeOutputFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new PackagingError(
      `Cannot make the folder ${path}: ${error.message}. Choose another one with --output.`,
      "",
    );
  }
}
