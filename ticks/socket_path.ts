/**
 * Where chronosd's socket is.
 *
 * @module
 */

import type { Environment } from "./state_folder.ts";

const SOCKET_NAME = "chronos.sock";
const SYSTEM_FOLDER = "/run/chronos";

/** `$CHRONOS_SOCKET`, else `$RUNTIME_DIRECTORY/chronos.sock` (set by systemd), else `/run/chronos/chronos.sock`. */
export function socketPath(environment: Environment): string {
  const given = environment.get("CHRONOS_SOCKET");
  if (given !== undefined && given !== "") return given;
  const runtimeFolder = environment.get("RUNTIME_DIRECTORY")?.split(":")[0];
  return `${runtimeFolder?.startsWith("/") ? runtimeFolder : SYSTEM_FOLDER}/${SOCKET_NAME}`;
}
