/**
 * Whatever goes wrong in a call, as one sentence that a model can act on.
 *
 * @module
 */
import type { z } from "zod";
import { ChronoTickError, LibcError, PlatformError } from "../mod.ts";
import type { Log } from "./log.ts";
import { Refusal } from "./refusal.ts";

/** Errors whose messages are made for whoever asked. */
const SPEAKING = [ChronoTickError, Refusal, PlatformError, LibcError, Deno.errors.NotCapable];

/** Why a call failed. Of a fault in this program only the message is told; the stack trace goes to the log. */
export function explainError(toolName: string, error: unknown, log: Log): string {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (SPEAKING.some((kind) => error instanceof kind)) return message;
  log.error(`${toolName} failed: ${stack ?? message}`);
  return `Cannot answer ${toolName}: a fault in this server (${message}). Report it, or try another tool.`;
}

/** Which argument is wrong, and what it must be. */
export function explainArguments(toolName: string, { issues }: z.ZodError): string {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  const where = first!.path.length === 0 ? "its arguments" : pathText(first!.path);
  return `Cannot call ${toolName}: ${where}: ${lowerFirst(first!.message)}${more}.`;
}

/** `peer_times[2].time` */
function pathText(path: readonly PropertyKey[]): string {
  return path.map((key) => typeof key === "number" ? `[${key}]` : `.${String(key)}`).join("").replace(
    /^\./,
    "",
  );
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
