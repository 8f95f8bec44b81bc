/**
 * What a tool is: its schemas, when to use it, and how it answers. Nothing here knows the protocol.
 *
 * @module
 */
import { z } from "zod";
import type { Session } from "./session.ts";

/** What a tool says: a sentence that a model can quote, and the same as data. */
export interface Answer<Result> {
  readonly sentence: string;
  readonly result: Result;
}

/** One call of a tool. */
export interface Call {
  readonly session: Session;
  /** Aborts when the client cancels the call or goes away. */
  readonly signal: AbortSignal;
  /** Tells the client how far the call has come; null when it did not ask. */
  readonly reportProgress: ((done: number, total: number, message: string) => void) | null;
}

/** What a tool does to the world, as MCP's annotations say it. */
export interface ToolNature {
  /** It changes nothing, not even what this server remembers. */
  readonly isReadOnly: boolean;
  /** A second call with the same arguments changes nothing more. */
  readonly isIdempotent: boolean;
}

/** A tool as its file describes it. */
export interface ToolDescription<Input extends z.ZodRawShape, Output extends z.ZodRawShape> {
  readonly name: string;
  readonly title: string;
  /** For the model: what it gives, and when to use it. */
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly nature: ToolNature;
  answer(
    args: z.output<z.ZodObject<Input>>,
    call: Call,
  ): Answer<z.output<z.ZodObject<Output>>> | Promise<Answer<z.output<z.ZodObject<Output>>>>;
}

/** A tool as the server runs it. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  readonly nature: ToolNature;
  /** Adds `call_latency_ms` to the result. */
  answer(args: Record<string, unknown>, call: Call): Promise<Answer<Record<string, unknown>>>;
}

const LATENCY = {
  call_latency_ms: z.number().nonnegative().describe("How long this server took to answer, ms"),
};

/** Checks that a tool's answer fits its schemas, at compile time, and makes it one of many. */
export function defineTool<Input extends z.ZodRawShape, Output extends z.ZodRawShape>(
  description: ToolDescription<Input, Output>,
): Tool {
  return {
    ...description,
    input: z.strictObject(description.input),
    output: z.object({ ...description.output, ...LATENCY }),
    async answer(args, call) {
      const beganMs = performance.now();
      // The server parses the arguments by `input` before it calls.
      const typed = args as z.output<z.ZodObject<Input>>;
      const { sentence, result } = await description.answer(typed, call);
      return { sentence, result: { ...result, call_latency_ms: performance.now() - beganMs } };
    },
  };
}
