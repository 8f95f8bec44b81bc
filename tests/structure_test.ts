/**
 * The house rules that tooling can hold: who may import whom, no dead files, nothing but relative imports under mod.ts.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** For each room the rooms (or single files) that it may import besides itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  "ffi": [],
  "record": [],
  "cli": ["deno.json"],
  "client": ["ffi", "record", "cli"],
  "daemon": ["ffi", "record", "cli"],
  "mcp": ["mod.ts", "ticks", "cli"],
  "ticks": ["ffi", "mod.ts", "cli"],
  "sim": ["ffi", "record", "daemon", "deno.json"],
  "models": ["record", "daemon", "sim", "cli"],
  "packaging": ["cli", "deno.json"],
  "bench": ["ffi", "record", "client", "daemon", "sim", "mcp", "ticks", "packaging", "cli", "mod.ts"],
  "examples": ["mod.ts", "mcp", "ticks", "sim", "cli"],
  "tests": [
    "ffi",
    "record",
    "client",
    "daemon",
    "sim",
    "mcp",
    "ticks",
    "models",
    "bench",
    "packaging",
    "examples",
    "cli",
    "mod.ts",
    "deno.json",
    "deploy",
    "config.yaml",
  ],
  "mod.ts": ["ffi", "record", "client"],
};

/** Rooms of the daemon that take the time as an argument: the simulator runs them in virtual time. */
const PURE = ["daemon/estimate/", "daemon/forecast/", "record/", "sim/world/"];
/** The models' own thread, who talks to it, and who reads their files. */
const IMPURE_BY_NATURE = ["onnx_worker.ts", "inference.ts", "model_host.ts"].map((file) =>
  `daemon/forecast/${file}`
);
const IMPURE_GLOBALS =
  /\b(Deno\.|performance\.|Date\.now|new Date\(\)|setTimeout|setInterval|Math\.random|fetch\()/;

/** Started by their own name, by a task or as a worker, rather than imported. */
const ENTRY_POINTS = [
  /^mod\.ts$/,
  /^(client|daemon|mcp)\/main\.ts$/,
  /^daemon\/(replay_main|doctor\/main)\.ts$/,
  /^packaging\/(bundle|compile)\.ts$/,
  /^(mcp|ticks)\/mod\.ts$/,
  /^ticks\/(ctl|chronosd)\.ts$/,
  /_worker\.ts$/,
  /_test\.ts$/,
  /^(bench|examples|models)\//,
  /^tests\/.*_child\.ts$/,
];

const sources = new Map(
  [...listSources("")].map((path) => [path, Deno.readTextFileSync(new URL(path, ROOT))] as const),
);

function* listSources(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder || ".", ROOT))) {
    const path = folder + name;
    if (isDirectory && !name.startsWith(".") && !["dist", "node_modules", "coverage"].includes(name)) {
      yield* listSources(path + "/");
    } else if (path.endsWith(".ts") && !path.endsWith(".d.ts")) yield path;
  }
}

/** Everything a file imports: static, dynamic, re-exported, and workers by URL. */
function importsOf(path: string): string[] {
  const text = sources.get(path)!.replace(/^\s*(\*|\/\/).*$/gm, "");
  const specifiers = [
    ...text.matchAll(
      /\bfrom\s+"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"|new URL\("([^"]+)", import\.meta\.url\)/g,
    ),
  ];
  return specifiers.map((match) => match[1] ?? match[2] ?? match[3]!);
}

/** A relative specifier as a path from the root. */
function resolve(path: string, specifier: string): string {
  return new URL(specifier, new URL(path, ROOT)).href.slice(ROOT.href.length);
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith("./") || specifier.startsWith("../");
}

function roomOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : path;
}

Deno.test("every room imports only the rooms that it may", () => {
  const forbidden = [...sources.keys()].flatMap((path) =>
    importsOf(path).filter(isRelative).map((specifier) => resolve(path, specifier))
      .filter((target) => target !== "" && roomOf(target) !== roomOf(path))
      .filter((target) => !(MAY_IMPORT[roomOf(path)] ?? []).includes(roomOf(target)))
      .map((target) => `${path} imports ${target}`)
  );
  assertEquals(forbidden, []);
});

Deno.test("every folder with code is a room that this test knows", () => {
  const rooms = new Set([...sources.keys()].map(roomOf));
  assertEquals([...rooms].filter((room) => !(room in MAY_IMPORT)), []);
});

for (const face of ["mod.ts", "ticks/mod.ts"]) {
  Deno.test(`nothing under ${face} needs an import map`, () => {
    const reached = new Set<string>();
    const queue = [face];
    const bare: string[] = [];
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (reached.has(path)) continue;
      reached.add(path);
      for (const specifier of importsOf(path)) {
        if (isRelative(specifier)) queue.push(resolve(path, specifier));
        else bare.push(`${path} imports ${specifier}`);
      }
    }
    assertEquals(bare, []);
    assert(reached.size > 10, "the walk reached the module graph");
  });
}

Deno.test("the rooms that are to be pure read no clock and do no input or output", () => {
  const impure = [...sources].filter(([path]) => PURE.some((room) => path.startsWith(room)))
    .filter(([path]) => !IMPURE_BY_NATURE.includes(path))
    .filter(([, text]) => IMPURE_GLOBALS.test(text.replace(/^\s*(\*|\/\/|\/\*\*).*$/gm, "")))
    .map(([path]) => path);
  assertEquals(impure, []);
});

Deno.test("only ffi/libc.ts opens a library", () => {
  const openers = [...sources].filter(([path, text]) =>
    /Deno\.dlopen\(/.test(text) && !path.startsWith("tests/")
  );
  assertEquals(openers.map(([path]) => path), ["ffi/libc.ts"]);
});

Deno.test("only mcp/server.ts knows the MCP SDK", () => {
  const knowing = [...sources.keys()].filter((path) => path.startsWith("mcp/"))
    .filter((path) => importsOf(path).some((specifier) => specifier.startsWith("@modelcontextprotocol/")));
  assertEquals(knowing, ["mcp/server.ts"]);
});

Deno.test("every file is used by another one or is an entry point", () => {
  const used = new Set(
    [...sources.keys()].flatMap((path) =>
      importsOf(path).filter((specifier) => isRelative(specifier)).map((specifier) =>
        resolve(path, specifier)
      )
    ),
  );
  const dead = [...sources.keys()].filter((path) =>
    !used.has(path) && !ENTRY_POINTS.some((entry) => entry.test(path))
  );
  assertEquals(dead, []);
});

Deno.test("no source speaks of a registry host or of a machine's folders", () => {
  const marks = /registry\.npmjs|\/root\/|\/home\/\w+\/|\/work\//;
  const marked = [...sources].filter(([path, text]) =>
    path !== "tests/structure_test.ts" && marks.test(text)
  );
  assertEquals(marked.map(([path]) => path), []);
});

Deno.test("the client's own lock file is of the manifest that there is now", () => {
  const [whole, client] = ["deno.lock", "client/deno.lock"].map((path) =>
    JSON.parse(Deno.readTextFileSync(new URL(path, ROOT))).workspace
  );
  assertEquals(client, whole, "run any command of deno task client, and commit client/deno.lock");
});
