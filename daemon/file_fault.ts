/**
 * Why a file cannot be used, in words.
 *
 * @module
 */

/** Completes "Cannot … PATH: ". */
export function fileFault(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file or folder";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (error instanceof Deno.errors.PermissionDenied) return "this user may not use it";
  if (error instanceof Deno.errors.NotCapable) return "Deno was not permitted to use it";
  return error instanceof Error ? error.message : String(error);
}
