import { assert, assertEquals, assertThrows } from "@std/assert";
import { LibcError } from "../../ffi/errno.ts";
import {
  FileDescriptor,
  fileSystemOf,
  isWritable,
  listFolder,
  OpenFlag,
  readSmallFile,
  statusOfDescriptor,
  statusOfPath,
} from "../../ffi/files.ts";

async function inTempFolder(test: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("statusOfPath() and statusOfDescriptor() say what the runtime's own stat says", () =>
  inTempFolder((folder) => {
    const path = `${folder}/file`;
    Deno.writeTextFileSync(path, "x".repeat(1234));
    Deno.chmodSync(path, 0o640);
    if (Deno.uid() === 0) Deno.chownSync(path, 4321, 0);
    const expected = Deno.statSync(path);
    using file = FileDescriptor.open(path);
    for (const status of [statusOfPath(path), statusOfDescriptor(file)]) {
      assertEquals(status.userId, expected.uid);
      assertEquals(status.mode, expected.mode);
      assertEquals(status.byteLength, 1234);
      assertEquals(status.identity.split("/")[1], String(expected.ino));
      const [major, minor] = status.identity.split("/")[0]!.split(":").map(Number);
      assertEquals((major! << 8 | minor! & 0xff | (minor! & ~0xff) << 12) >>> 0, expected.dev);
    }
  }));

Deno.test("FileStatus.identity is one for two names of a file and another for its copy", () =>
  inTempFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    Deno.linkSync(`${folder}/file`, `${folder}/link`);
    Deno.copyFileSync(`${folder}/file`, `${folder}/copy`);
    const identityOf = (name: string) => statusOfPath(`${folder}/${name}`).identity;
    assertEquals(identityOf("file"), identityOf("link"));
    assert(identityOf("file") !== identityOf("copy"));
  }));

Deno.test("statusOfPath() and FileDescriptor.open() say which file does not exist", () => {
  const path = "/nowhere/at/all";
  assertThrows(
    () => statusOfPath(path),
    LibcError,
    `Cannot stat ${path}: No such file or directory (ENOENT).`,
  );
  assertThrows(() => FileDescriptor.open(path), LibcError, `Cannot open ${path}: No such file`);
});

Deno.test("FileDescriptor.readAt() reads from the middle of a file, and what there is of it at the end", () =>
  inTempFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "0123456789");
    using file = FileDescriptor.open(`${folder}/file`);
    const bytes = new Uint8Array(4);
    assertEquals(file.readAt(bytes, 3), 4);
    assertEquals(new TextDecoder().decode(bytes), "3456");
    assertEquals([file.readAt(bytes, 8), file.readAt(bytes, 10)], [2, 0]);
  }));

Deno.test("FileDescriptor closes its descriptor once, however often it is disposed", () =>
  inTempFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    const first = FileDescriptor.open(`${folder}/file`);
    const number = first.value;
    first[Symbol.dispose]();
    assertThrows(() => Deno.lstatSync(`/proc/self/fd/${number}`), Deno.errors.NotFound);
    using second = FileDescriptor.open(`${folder}/file`, OpenFlag.RDWR);
    first[Symbol.dispose]();
    assertEquals(Deno.readLinkSync(`/proc/self/fd/${second.value}`), `${folder}/file`);
  }));

Deno.test("FileDescriptor.open() closes on exec, so that no child inherits the daemon's lock", () =>
  inTempFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    using file = FileDescriptor.open(`${folder}/file`);
    const info = Deno.readTextFileSync(`/proc/self/fdinfo/${file.value}`);
    const flags = parseInt(/flags:\s+(\d+)/.exec(info)![1]!, 8);
    assertEquals(flags & 0o2000000, 0o2000000);
  }));

Deno.test("readSmallFile() reads what the kernel writes of this process", () => {
  const fields = readSmallFile("/proc/self/stat").split(" ");
  assertEquals(fields[0], String(Deno.pid));
});

Deno.test("listFolder() lists what the runtime lists, without the two dots", () =>
  inTempFolder((folder) => {
    const names = Array.from({ length: 300 }, (_, i) => `entry ${i} ä`);
    for (const name of names) Deno.writeTextFileSync(`${folder}/${name}`, "");
    assertEquals(listFolder(folder).sort(), names.sort());
    assertThrows(() => listFolder(`${folder}/none`), LibcError, `Cannot list ${folder}/none`);
  }));

Deno.test("FileDescriptor.writeAt() writes all of it where it belongs, and creates with the mode that was given", () =>
  inTempFolder((folder) => {
    const path = `${folder}/file`;
    using file = FileDescriptor.open(path, OpenFlag.RDWR | OpenFlag.CREAT | OpenFlag.EXCL, 0o640);
    const big = crypto.getRandomValues(new Uint8Array(65_536));
    file.writeAt(big, 3);
    file.writeAt(new TextEncoder().encode("abc"), 0);
    file.syncData();
    file.sync();
    assertEquals(Deno.readFileSync(path), new Uint8Array([97, 98, 99, ...big]));
    assertEquals(Deno.statSync(path).mode! & 0o7777, 0o640 & ~Deno.umask());
    assertThrows(
      () => FileDescriptor.open(path, OpenFlag.RDWR | OpenFlag.CREAT | OpenFlag.EXCL, 0o640),
      LibcError,
      "EEXIST",
    );
  }));

Deno.test("FileDescriptor.allocate() takes the space, and changes nothing that is there", () =>
  inTempFolder((folder) => {
    const path = `${folder}/file`;
    Deno.writeTextFileSync(path, "abc");
    using file = FileDescriptor.open(path, OpenFlag.RDWR);
    file.allocate(65_536);
    const { size, blocks } = Deno.statSync(path);
    assertEquals([size, blocks! >= 65_536 / 512, Deno.readTextFileSync(path).slice(0, 4)], [
      65_536,
      true,
      "abc\0",
    ]);
    assertThrows(() => file.allocate(-1, "stretch it"), LibcError, "Cannot stretch it");
  }));

Deno.test("what a full device and a read-only descriptor refuse is told", () =>
  inTempFolder((folder) => {
    using full = FileDescriptor.open("/dev/full", OpenFlag.RDWR);
    assertThrows(() => full.writeAt(new Uint8Array(1), 0), LibcError, "ENOSPC");
    Deno.writeTextFileSync(`${folder}/file`, "");
    using readOnly = FileDescriptor.open(`${folder}/file`);
    assertThrows(() => readOnly.writeAt(new Uint8Array(1), 0), LibcError, "EBADF");
  }));

Deno.test("fileSystemOf() gives the number that stat(1) prints", async () => {
  for (const path of ["/proc/self/status", "/dev/null", "/etc/passwd"]) {
    const { stdout } = await new Deno.Command("stat", { args: ["-f", "-c", "%t", path] }).output();
    using file = FileDescriptor.open(path);
    assertEquals(fileSystemOf(file).toString(16), new TextDecoder().decode(stdout).trim());
  }
});

Deno.test("isWritable() knows what is there and what this user may write", () =>
  inTempFolder((folder) => {
    const isRoot = Deno.uid() === 0;
    Deno.writeTextFileSync(`${folder}/file`, "", { mode: 0o400 });
    assertEquals(
      [isWritable(folder), isWritable(`${folder}/file`), isWritable(`${folder}/nothing`)],
      [true, isRoot, false],
    );
  }));
