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
 * The path of the Unix socket of the daemon that publishes `segment`. Beside the record, `PATH.sock`, where that is a file
 * by its path; else `chronotick.sock`, or `NAME.sock` for another name (without slash) than the usual one, in
 * `$RUNTIME_DIRECTORY`, else in `$XDG_RUNTIME_DIR`; null where there is neither.
 */
export function statusSocketPath(segment: string, environment: Environment): string | null {
  if (segment.includes("/")) return `${segment}.sock`;
  const folder = [environment.get("RUNTIME_DIRECTORY")?.split(":")[0], environment.get("XDG_RUNTIME_DIR")]
    .find((path) => path?.startsWith("/"));
  if (folder === undefined) return null;
  return `${folder}/${segment === USUAL_SHM_NAME ? USUAL_SOCKET_NAME : `${segment}.sock`}`;
}
