/**
 * All prompts.
 *
 * @module
 */
import type { Prompt } from "../prompt.ts";
import { planCoordinatedAction } from "./plan_coordinated_action.ts";

/** Every prompt that there is. */
export const PROMPTS: readonly Prompt[] = [planCoordinatedAction];
