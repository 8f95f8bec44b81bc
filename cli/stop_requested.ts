/**
 * How a daemon learns that it is to end.
 *
 * @module
 */

/** Resolves with the first SIGINT or SIGTERM; further ones change nothing, so that everything is still put in order. */
export function stopRequested(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, () => resolve(signal));
    }
  });
}
