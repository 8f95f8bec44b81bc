/**
 * How a command ends.
 *
 * @module
 */

/** The exit codes of every command. */
export const ExitCode = {
  /** The command did what was asked. */
  DONE: 0,
  /** It failed, or could do it only in part. */
  FAILED: 1,
  /** The command line is wrong. */
  USAGE: 2,
  /** No daemon lives, or it has no valid time. */
  NO_TIME: 3,
} as const;

/** One of the exit codes. */
export type ExitCode = typeof ExitCode[keyof typeof ExitCode];
