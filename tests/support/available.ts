/**
 * Whether the optional programs that some tests need are there.
 *
 * @module
 */

/** The Debian packages that bring the programs. */
const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  busctl: "systemd",
  cc: "gcc",
  chromium: "chromium",
  chronyc: "chrony",
  chronyd: "chrony",
  curl: "curl",
  "dbus-daemon": "dbus",
  "dbus-send": "dbus",
  etcd: "etcd-server",
  faketime: "faketime",
  gdbus: "libglib2.0-bin",
  ip: "iproute2",
  npx: "npm",
  ntpd: "ntpsec",
  python3: "python3",
  script: "bsdutils",
  strace: "strace",
  setpriv: "util-linux",
  "systemd-analyze": "systemd",
  "systemd-sysusers": "systemd",
  taskset: "util-linux",
  unshare: "util-linux",
};

/** Where servers are, which the PATH of an ordinary user may leave out. */
const SERVER_FOLDERS: readonly string[] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];
const ANY_EXECUTE_BIT = 0o111;

/** Environment variables by name. */
interface Environment {
  get(name: string): string | undefined;
}

/**
 * Whether `program` can be run. For `Deno.test({ ignore: !available("chronyd"), … })`: the test is skipped by name
 * where the program is absent.
 *
 * @throws {Error} it is absent under `CI=true`, where nothing may be skipped
 */
export function available(program: string, environment: Environment = Deno.env): boolean {
  if (findProgram(program, environment) !== null) return true;
  if (environment.get("CI") !== "true") return false;
  throw new Error(
    `Cannot find ${program}, which these tests need: install the Debian package ${
      DEBIAN_PACKAGES[program] ?? program
    }.`,
  );
}

/** The full path of `program`; null when it is on neither the PATH nor among the servers. */
export function findProgram(program: string, environment: Environment = Deno.env): string | null {
  const folders = [...(environment.get("PATH") ?? "").split(":"), ...SERVER_FOLDERS];
  return folders.filter((folder) => folder !== "").map((folder) => `${folder}/${program}`).find(
    isExecutable,
  ) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0) & ANY_EXECUTE_BIT) !== 0;
  } catch {
    return false;
  }
}
