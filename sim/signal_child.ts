/**
 * Signals to child processes, which may have ended by themselves.
 *
 * @module
 */

/** Sends `signal`; does nothing once the process has ended. */
export function signalChild(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // "Child process has already terminated."
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}
