/**
 * Groups by name, as `/etc/group` has them.
 *
 * @module
 */

const DECIMAL = /^\d+$/;
const GROUP_FILE = "/etc/group";

/** The number of `group`, itself a number or a name; null when there is no such name in `groupFile` (`group(5)`). */
export function groupId(group: string, groupFile: string = Deno.readTextFileSync(GROUP_FILE)): number | null {
  if (DECIMAL.test(group)) return Number(group);
  const line = groupFile.split("\n").map((line) => line.split(":")).find(([name]) => name === group);
  return line === undefined ? null : Number(line[2]);
}
