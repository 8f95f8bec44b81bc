/**
 * What is packaged: the programs of ChronoTick, what each may do, and what it carries.
 *
 * @module
 */

/** A file that is embedded: its specifier, as this folder's modules would import it. */
export interface Asset {
  readonly file: string;
}

/** A module that becomes one script, its imports included. */
export interface Script {
  /** Its specifier, as this folder's modules would import it. */
  readonly script: string;
  /** The workers that it starts and the files that it reads: see `cli/part.ts`. */
  readonly carries?: readonly Part[];
}

/** What a script carries. */
export type Part = Asset | Script;

/** A program. */
export interface Role extends Script {
  /** What the user types. */
  readonly name: string;
  /** The least that it can do its work with, as flags of `deno run`. */
  readonly permissions: readonly string[];
  /** What V8 is told besides. */
  readonly v8Flags?: string;
}

const PUBLISHER_WORKER: Script = { script: "../daemon/publish/publisher_worker.ts" };
const ONNX_WORKER: Script = { script: "../daemon/forecast/onnx_worker.ts" };
const ONNX_RUNTIME: Asset = { file: "onnxruntime-web/ort-wasm-simd-threaded.wasm" };

/** What says where ticks come from. */
const TICK_ENVIRONMENT =
  "--allow-env=CHRONOS_SOCKET,CHRONOS_STATE_DIR,HOME,RUNTIME_DIRECTORY,STATE_DIRECTORY,XDG_STATE_HOME";

/** The client: `bench/` times its start. */
export const CLIENT: Role = {
  name: "chronotick-client",
  script: "../client/main.ts",
  permissions: ["--allow-ffi", "--allow-env=NO_COLOR,RUNTIME_DIRECTORY,XDG_RUNTIME_DIR"],
};

/** Every role. */
export const ROLES: readonly Role[] = [
  CLIENT,
  {
    name: "chronotick-daemon",
    script: "../daemon/main.ts",
    permissions: [
      "--allow-ffi",
      "--allow-read", // the configuration, the models and the trace that the user names
      "--allow-write", // the log, the trace and the state
      "--allow-net", // names are looked up, the status is served; the questions themselves go through the C library
      "--allow-env=HOME,OTEL_DENO,RUNTIME_DIRECTORY,STATE_DIRECTORY,XDG_RUNTIME_DIR,XDG_STATE_HOME",
    ],
    carries: [
      PUBLISHER_WORKER,
      ONNX_WORKER,
      ONNX_RUNTIME,
      { file: "../models/short_term.onnx" },
      { file: "../models/long_term.onnx" },
    ],
  },
  {
    name: "chronotick-mcp",
    script: "../mcp/main.ts",
    permissions: [
      "--allow-ffi",
      "--allow-read", // the token, the counter
      "--allow-write", // the log, the counter
      "--allow-net", // --http, chronosd's socket, and etcd
      TICK_ENVIRONMENT,
    ],
  },
  {
    name: "chronos-ctl",
    script: "../ticks/ctl.ts",
    permissions: [
      "--allow-ffi",
      "--allow-read", // the counter, the log and the password of etcd
      "--allow-write",
      "--allow-net", // chronosd's socket, and etcd
      TICK_ENVIRONMENT,
    ],
  },
  {
    name: "chronosd",
    script: "../ticks/chronosd.ts",
    // Without its compiler V8 needs no memory that is writable and executable: the unit forbids it.
    v8Flags: "--jitless",
    permissions: [
      "--allow-ffi",
      "--allow-read", // the counter, the log and the password of etcd
      "--allow-write",
      "--allow-net", // its socket, the bus and etcd
      "--allow-sys", // the mask of the socket's mode, and this user's number for the bus
      `${TICK_ENVIRONMENT},DBUS_SESSION_BUS_ADDRESS,DBUS_SYSTEM_BUS_ADDRESS`,
    ],
  },
];

/** What `deno run` and `deno compile` are told of a role. */
export function flagsOf({ permissions, v8Flags }: Role): readonly string[] {
  return v8Flags === undefined ? permissions : [...permissions, `--v8-flags=${v8Flags}`];
}

/** What the user may type. */
export const ROLE_NAMES: readonly string[] = ROLES.map(({ name }) => name);

/** The role of that name, or all when none is given. */
export function chosenRoles(name: string | undefined): readonly Role[] {
  return name === undefined ? ROLES : ROLES.filter((role) => role.name === name);
}
