/**
 * The version of every command, as the project's manifest states it.
 *
 * @module
 */
import manifest from "../deno.json" with { type: "json" };

/** Semantic version. */
export const VERSION: string = manifest.version;
