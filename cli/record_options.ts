/**
 * How every program that reads the record is told which one.
 *
 * @module
 */

/** −1 stands for no user. */
const MAX_USER_ID = 2 ** 32 - 2;

/** The options, for a program's description. */
export const RECORD_OPTIONS = {
  shmName: {
    kind: "string",
    placeholder: "NAME",
    format: { pattern: /^\/?[^/]+$/, expected: "a name without slashes; --shm-path takes a path" },
    help: "Shared memory of the daemon to read (default chronotick_shm)",
  },
  shmPath: {
    kind: "string",
    placeholder: "PATH",
    help: "The record's file instead, for a daemon that publishes in one",
  },
  trustedUsers: {
    kind: "integers",
    placeholder: "UID",
    min: 0,
    max: MAX_USER_ID,
    help: "Users to believe besides root and yourself",
  },
} as const;

/** What the user said with {@linkcode RECORD_OPTIONS}. */
export interface RecordChoice {
  readonly shmName: string | undefined;
  readonly shmPath: string | undefined;
  readonly trustedUsers: readonly number[] | undefined;
}

/** The choice as a client of the record takes it. */
export function recordSource({ shmName, shmPath, trustedUsers }: RecordChoice): {
  readonly shmName?: string;
  readonly path?: string;
  readonly trustedUsers?: readonly number[];
} {
  return {
    ...(shmName === undefined ? {} : { shmName }),
    ...(shmPath === undefined ? {} : { path: shmPath }),
    ...(trustedUsers === undefined ? {} : { trustedUsers }),
  };
}
