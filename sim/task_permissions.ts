/**
 * What the project's tasks may do: who starts a program as its task does reads it there.
 *
 * @module
 */
import manifest from "../deno.json" with { type: "json" };

/** The permissions of a task, as flags of `deno run`. */
export function taskPermissions(task: keyof typeof manifest.tasks): readonly string[] {
  return manifest.tasks[task].split(" ").filter((word) => word.startsWith("--allow-"));
}
