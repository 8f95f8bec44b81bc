import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SocketFile, SocketFileError } from "../../../ticks/chronosd/socket_file.ts";
import { socketPath } from "../../../ticks/socket_path.ts";

const OWNER_ONLY = { mode: 0o600, groupId: null };

class Folder implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "chronosd-" });
  readonly socket = `${this.path}/sub/chronos.sock`;

  mode(path: string): string {
    return (Deno.statSync(path).mode! & 0o777).toString(8);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

async function refusal(path: string): Promise<string> {
  return (await assertRejects(() => SocketFile.listen(path, OWNER_ONLY), SocketFileError)).message;
}

Deno.test("the socket's path is CHRONOS_SOCKET, else in systemd's folder, else in /run/chronos", () => {
  const path = (variables: Record<string, string>) => socketPath(new Map(Object.entries(variables)));
  assertEquals(path({ CHRONOS_SOCKET: "x/y.sock", RUNTIME_DIRECTORY: "/run/z" }), "x/y.sock");
  assertEquals(path({ CHRONOS_SOCKET: "", RUNTIME_DIRECTORY: "/run/z" }), "/run/z/chronos.sock");
  assertEquals(path({ RUNTIME_DIRECTORY: "/run/a:/run/b" }), "/run/a/chronos.sock");
  assertEquals(path({ RUNTIME_DIRECTORY: "relative" }), "/run/chronos/chronos.sock");
  assertEquals(path({}), "/run/chronos/chronos.sock");
});

Deno.test("a socket is its owner's alone unless it is to be others' too, and goes when it is disposed", async () => {
  using folder = new Folder();
  {
    using file = await SocketFile.listen(folder.socket, OWNER_ONLY);
    assertEquals(folder.mode(file.path), "600");
    assertEquals(folder.mode(`${folder.path}/sub`), "700");
  }
  assertEquals([...Deno.readDirSync(`${folder.path}/sub`)].map(({ name }) => name), ["chronos.sock.lock"]);
  assertEquals(folder.mode(`${folder.socket}.lock`), "600");
  const groupId = Deno.gid()!;
  using open = await SocketFile.listen(`${folder.path}/open/x.sock`, { mode: 0o660, groupId });
  assertEquals(folder.mode(open.path), "660");
  assertEquals(Deno.statSync(open.path).gid, groupId);
  assertEquals(folder.mode(`${folder.path}/open`), "755");
});

Deno.test("a second daemon is refused and does the first no harm", async () => {
  using folder = new Folder();
  using first = await SocketFile.listen(folder.socket, OWNER_ONLY);
  assertEquals(
    await refusal(folder.socket),
    `Cannot listen on ${folder.socket}: another chronosd listens there already. ` +
      "Stop that one or choose another path with --socket or CHRONOS_SOCKET.",
  );
  const accepted = first.listener.accept();
  using _client = await Deno.connect({ transport: "unix", path: folder.socket });
  using _conn = await accepted;
});

Deno.test("of two daemons that start together over a dead one's socket, one listens", async () => {
  using folder = new Folder();
  await leaveStale(folder.socket);
  const attempts = await Promise.allSettled(
    Array.from({ length: 5 }, () => SocketFile.listen(folder.socket, OWNER_ONLY)),
  );
  const listening = attempts.filter(({ status }) => status === "fulfilled");
  assertEquals(listening.length, 1);
  using _client = await Deno.connect({ transport: "unix", path: folder.socket });
  for (const attempt of attempts) if (attempt.status === "fulfilled") attempt.value[Symbol.dispose]();
});

Deno.test("what is answered, what is no socket, and what is another user's stays untouched", async () => {
  using folder = new Folder();
  const [other, file, link, foreign] = ["other", "file", "link", "foreign"].map((name) =>
    `${folder.path}/${name}`
  );
  using _other = Deno.listen({ transport: "unix", path: other! });
  assertStringIncludes(await refusal(other!), "another chronosd listens there already");
  Deno.writeTextFileSync(file!, "kept");
  assertStringIncludes(await refusal(file!), "it is something else than a socket");
  assertEquals(Deno.readTextFileSync(file!), "kept");
  await leaveStale(`${folder.path}/stale`);
  Deno.symlinkSync(`${folder.path}/stale`, link!);
  assertStringIncludes(await refusal(link!), "it is something else than a socket");
  if (Deno.uid() === 0) {
    await leaveStale(foreign!);
    Deno.chownSync(foreign!, 12345, null);
    assertStringIncludes(await refusal(foreign!), "it is a socket of user 12345");
    assertEquals(Deno.lstatSync(foreign!).isSocket, true);
  }
});

Deno.test("a path that cannot be is refused in one sentence", async () => {
  using folder = new Folder();
  const long = `${folder.path}/${"x".repeat(108 - folder.path.length)}`;
  assertStringIncludes(await refusal(long), "a socket's path has at most 107 bytes. Choose another path");
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  assertStringIncludes(await refusal(`${folder.path}/file/x.sock`), "Choose another path");
  Deno.mkdirSync(`${folder.path}/x.sock.lock`);
  assertStringIncludes(
    await refusal(`${folder.path}/x.sock`),
    "Is a directory (EISDIR). Choose another path",
  );
});

/** As a killed daemon leaves it: the name of a socket that nobody listens on. */
async function leaveStale(path: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  const listener = Deno.listen({ transport: "unix", path: `${path}~` });
  await Deno.rename(`${path}~`, path); // closing removes a name only where it was bound
  listener.close();
}
