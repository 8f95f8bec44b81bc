/**
 * What a packaged program carries with it. A checkout carries nothing, since its files lie around it:
 * `deno task bundle` puts another module in this one's place.
 *
 * @module
 */

/**
 * By file name: the text of a worker's script, or a file as base64 of its gzip. Functions, so that what is never used is
 * never brought into memory.
 */
export type Carried = Readonly<Record<string, () => string>>;

/** Null in a checkout. */
export const CARRIED: Carried | null = null;
