/**
 * The files that a configuration consists of.
 *
 * @module
 */

/** No configuration is larger. */
const MAX_CONFIG_BYTES = 1024 * 1024;

/** The text of a file, or why there is none. */
export type FileText = { readonly text: string } | { readonly fault: string };

/** Reads a configuration file; also from a pipe, but never more than `MAX_CONFIG_BYTES`. */
export function readConfigFile(path: string): FileText {
  try {
    const bytes = readBounded(path);
    if (bytes === null) return { fault: `it is larger than ${MAX_CONFIG_BYTES} bytes.` };
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    if (error instanceof TypeError) return { fault: "it is not UTF-8 text." };
    return { fault: `${reasonOf(error)}.` };
  }
}

/** Why `path` is no readable file, to complete "but …"; null if it is one. */
export function modelFileFault(path: string): string | null {
  try {
    using file = Deno.openSync(path);
    return file.statSync().isFile ? null : "it is no file";
  } catch (error) {
    return reasonOf(error);
  }
}

function readBounded(path: string): Uint8Array<ArrayBuffer> | null {
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(MAX_CONFIG_BYTES + 1);
  let length = 0;
  while (length < bytes.length) {
    const count = file.readSync(bytes.subarray(length));
    if (count === null) return bytes.subarray(0, length);
    length += count;
  }
  return null;
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (error instanceof Deno.errors.PermissionDenied) return "this user may not read it";
  return error instanceof Error ? error.message : String(error);
}
