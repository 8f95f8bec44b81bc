import { assertEquals, assertMatch } from "@std/assert";
import { type Ran, runToEnd } from "../support/run_to_end.ts";
import { serverCommand } from "./support/server_command.ts";

const PERMISSIONS = ["--allow-ffi", "--allow-net", "--allow-read", "--allow-write"];

/** Runs the server to its end, with nobody on its standard input. */
function runServer(args: readonly string[], permissions: readonly string[] = PERMISSIONS): Promise<Ran> {
  const [command, ...rest] = serverCommand(args, permissions);
  return runToEnd(command!, { args: rest, env: { NO_COLOR: "1" } });
}

Deno.test("a command line that would let others in without a token is refused", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chronotick-mcp-" });
  try {
    const loose = `${folder}/loose`;
    await Deno.writeTextFile(loose, "0123456789abcdef", { mode: 0o644 });
    const short = `${folder}/short`;
    await Deno.writeTextFile(short, "secret", { mode: 0o600 });
    const cases: [string[], RegExp][] = [
      [["--http", "0.0.0.0:0"], /^chronotick-mcp: Cannot serve 0\.0\.0\.0:0: others could reach it\./],
      [["--http", "0.0.0.0:0", "--allow-remote"], /give --allow-remote and --token-file/],
      [["--http", "127.0.0.1:0", "--token-file", loose], /others may read it\. Run chmod 600/],
      [["--http", "127.0.0.1:0", "--token-file", short], /must be 16 printable characters or more/],
      [["--http", "127.0.0.1:0", "--token-file", `${folder}/none`], /it cannot be read/],
      [["--http", "somewhere"], /--http is "somewhere": it must be an address and port such as/],
      [["--allow-remote"], /are for --http: say where to serve/],
    ];
    for (const [args, expected] of cases) {
      const { code, stdout, stderr } = await runServer(args);
      assertEquals([code, stdout], [2, ""]);
      assertMatch(stderr, expected);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("help goes to standard output, faults are one sentence and no stack trace", async () => {
  const help = await runServer(["--help"]);
  assertEquals(help.code, 0);
  for (const option of ["http", "allow-remote", "token-file", "shm-name", "node-id", "log-file", "debug"]) {
    assertMatch(help.stdout, new RegExp(`--${option}\\b`));
  }
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const busy = await runServer(["--http", `127.0.0.1:${port}`]);
  assertEquals(busy.code, 1);
  assertMatch(
    busy.stderr,
    /^chronotick-mcp: Cannot serve 127\.0\.0\.1:\d+: .*in use.* Give another address or port/,
  );
  const unwritable = await runServer(["--log-file", "/nowhere/log"]);
  assertEquals(unwritable.code, 1);
  assertMatch(unwritable.stderr, /^chronotick-mcp: Cannot write the log to \/nowhere\/log: .*\n$/);
  const forbidden = await runServer(["--http", "127.0.0.1:0"], ["--allow-ffi"]);
  assertMatch(forbidden.stderr, /--allow-net/);
});

Deno.test("the log goes to its file, and ends up readable by its owner alone", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chronotick-mcp-" });
  try {
    const path = `${folder}/log`;
    const { code } = await runServer([
      "--http",
      "127.0.0.1:0",
      "--log-file",
      path,
      "--shm-name",
      "x",
      "--bogus",
    ]);
    assertEquals(code, 2);
    const [command, ...args] = serverCommand(["--log-file", path, "--debug"], PERMISSIONS);
    const process = new Deno.Command(command!, { args, stdin: "piped", stdout: "piped", stderr: "piped" })
      .spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode("nonsense\n"));
    await writer.close();
    const { stderr } = await process.output();
    assertEquals(new TextDecoder().decode(stderr), "");
    assertMatch(await Deno.readTextFile(path), /^\d{4}-\S+ DEBUG Cannot read a line that is not JSON/);
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
