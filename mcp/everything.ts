/**
 * All that the server can offer.
 *
 * @module
 */
import { PROMPTS } from "./prompts/mod.ts";
import { RESOURCES } from "./resources/mod.ts";
import type { Offer } from "./server.ts";
import { TOOLS } from "./tools/mod.ts";

/** Every tool, resource and prompt. */
export const EVERYTHING: Offer = { tools: TOOLS, resources: RESOURCES, prompts: PROMPTS };
