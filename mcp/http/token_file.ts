/**
 * The secret that remote clients must show.
 *
 * @module
 */
import { UsageError } from "../../cli/options.ts";

const TOKEN = /^[\x21-\x7e]{16,4096}$/;
const OF_OTHERS = 0o077;

/**
 * Reads the token from a file that only its owner can read.
 *
 * @throws {UsageError} it cannot be read, others can read it, or it is too short
 */
export function readTokenFile(path: string): string {
  const cannot = `Cannot use ${path} as --token-file`;
  let text: string;
  try {
    const { mode } = Deno.statSync(path);
    if (mode !== null && (mode & OF_OTHERS) !== 0) {
      throw new UsageError(`${cannot}: others may read it. Run chmod 600 ${path}.`);
    }
    text = Deno.readTextFileSync(path).trim();
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error)) throw error;
    throw new UsageError(
      `${cannot}: it cannot be read (${error.message}). Give the path of a readable file.`,
    );
  }
  if (TOKEN.test(text)) return text;
  throw new UsageError(
    `${cannot}: the token must be 16 printable characters or more, without spaces. Make one with openssl rand -hex 32.`,
  );
}
