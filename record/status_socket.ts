/**
 * Where the daemon that publishes under a name serves its status: both sides go by this rule.
 *
 * @module
 */

/** Environment variables by name. */
export interface Environment {
  /** Undefined where there is none. */
  get(name: string): string | undefined;
}

const USUAL_SHM_NAME = "chronotick_shm";
const USUAL_SOCKET_NAME = "chronotick.sock";

/**
 * The path of the Unix socket of the daemon of `shmName` (without slash): `chronotick.sock`, or `NAME.sock` for another
 * name than the usual one, in `$RUNTIME_DIRECTORY`, else in `$XDG_RUNTIME_DIR`; null where there is neither.
 */
export function statusSocketPath(shmName: string, environment: Environment): string | null {
  const folder = [environment.get("RUNTIME_DIRECTORY")?.split(":")[0], environment.get("XDG_RUNTIME_DIR")]
    .find((path) => path?.startsWith("/"));
  if (folder === undefined) return null;
  return `${folder}/${shmName === USUAL_SHM_NAME ? USUAL_SOCKET_NAME : `${shmName}.sock`}`;
}
