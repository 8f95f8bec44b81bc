/**
 * Parts of the system that some tests need and that not every machine has.
 *
 * @module
 */

/** Where Debian puts daemons, which an ordinary user's PATH leaves out. */
const DAEMON_FOLDERS = ["/usr/sbin", "/sbin"];

/** The path of a program, null when it is not installed. */
export function findProgram(name: string): string | null {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), ...DAEMON_FOLDERS];
  return folders.map((folder) => `${folder}/${name}`).find(isFile) ?? null;
}

/**
 * For a test's `ignore: !available("chronyd")`. Under `CI=true` a missing program is a failure of the set-up, not a
 * reason to skip.
 */
export function available(program: string): boolean {
  if (findProgram(program) !== null) return true;
  if (Deno.env.get("CI") === "true") throw new Error(`Cannot test: ${program} is not installed.`);
  return false;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
