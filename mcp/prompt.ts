/**
 * What a prompt is: words to begin a conversation with, made from arguments. Nothing here knows the protocol.
 *
 * @module
 */
import type { z } from "zod";

/** A prompt whose arguments are texts. */
export interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Readonly<Record<string, z.ZodString | z.ZodOptional<z.ZodString>>>;
  /** What the user is to say. */
  text(args: Readonly<Record<string, string | undefined>>): string;
}
