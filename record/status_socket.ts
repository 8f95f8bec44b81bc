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

/** Where a daemon that is a service of the system has its folder. */
const SYSTEM_FOLDER = "/run/chronotick";
const USUAL_SHM_NAME = "chronotick_shm";
const USUAL_SOCKET_NAME = "chronotick.sock";

/**
 * The path of the Unix socket of the daemon of a segment. For a record at a path, that path with `.sock` after it.
 * Otherwise `chronotick.sock`, or `NAME.sock` for another name than the usual one, in `$RUNTIME_DIRECTORY`, else in
 * `$XDG_RUNTIME_DIR`; null where there is neither.
 */
export function statusSocketPath(segment: string, environment: Environment): string | null {
  if (segment.includes("/")) return `${segment}.sock`;
  const folder = [environment.get("RUNTIME_DIRECTORY")?.split(":")[0], environment.get("XDG_RUNTIME_DIR")]
    .find((path) => path?.startsWith("/"));
  return folder === undefined ? null : socketIn(folder, segment);
}

/** Where a client looks for it, the most likely first: its daemon may be its user's or the system's. */
export function statusSocketPaths(segment: string, environment: Environment): string[] {
  const own = statusSocketPath(segment, environment);
  const system = segment.includes("/") ? [] : [socketIn(SYSTEM_FOLDER, segment)];
  return [...new Set(own === null ? system : [own, ...system])];
}

function socketIn(folder: string, shmName: string): string {
  return `${folder}/${shmName === USUAL_SHM_NAME ? USUAL_SOCKET_NAME : `${shmName}.sock`}`;
}
