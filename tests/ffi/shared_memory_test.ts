import { assert, assertEquals, assertInstanceOf, assertStringIncludes, assertThrows } from "@std/assert";
import { LibcError } from "../../ffi/errno.ts";
import { statusOfPath } from "../../ffi/files.ts";
import { AttachedSegment, borrowMapping, OwnedSegment, SegmentTakenError } from "../../ffi/shared_memory.ts";
import { isWriteLocked } from "../../ffi/file_lock.ts";
import { available, findProgram } from "../support/available.ts";
import { DenoChild } from "../support/deno_child.ts";
import { python } from "../support/python.ts";

const BYTES = 128;
const OWNER_CHILD = new URL("./segment_owner_child.ts", import.meta.url);
const IS_ROOT = Deno.uid() === 0;

/** A name that nobody else uses; whatever is left under it is removed at the end. */
class SegmentName implements Disposable {
  readonly name = `chronotick_test_${crypto.randomUUID()}`;
  readonly path = `/dev/shm/${this.name}`;

  [Symbol.dispose](): void {
    try {
      Deno.removeSync(this.path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

function segmentName(): SegmentName {
  return new SegmentName();
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

async function ownerChild(name: string, prefix: readonly string[] = []): Promise<DenoChild> {
  const child = new DenoChild(OWNER_CHILD, { args: [name], prefix });
  assertEquals(await child.line(), "taken");
  return child;
}

Deno.test("OwnedSegment.take() makes a file of that length, mode 0644, zero-filled, in /dev/shm", () => {
  using at = segmentName();
  using segment = OwnedSegment.take(at.name, BYTES);
  const { size, mode } = Deno.statSync(at.path);
  assertEquals([size, mode! & 0o7777], [BYTES, 0o644]);
  assertEquals(Deno.readFileSync(at.path), new Uint8Array(BYTES));
  assertEquals(segment.buffer.byteLength, BYTES);
});

Deno.test("OwnedSegment.take() makes the segment 0644 even under umask 077", async () => {
  using at = segmentName();
  await using _owner = await ownerChild(at.name, ["sh", "-c", 'umask 077; exec "$@"', "sh"]);
  assertEquals(Deno.statSync(at.path).mode! & 0o7777, 0o644);
});

Deno.test("OwnedSegment's bytes are the file's, and an AttachedSegment's", () => {
  using at = segmentName();
  using owned = OwnedSegment.take(at.name, BYTES);
  using attached = AttachedSegment.open(at.name);
  const seen = new DataView(attached.map(BYTES));
  new DataView(owned.buffer).setBigUint64(64, 0x1122_3344_5566_7788n, true);
  assertEquals(seen.getBigUint64(64, true), 0x1122_3344_5566_7788n);
  assertEquals([...Deno.readFileSync(at.path).subarray(64, 72)], [
    0x88,
    0x77,
    0x66,
    0x55,
    0x44,
    0x33,
    0x22,
    0x11,
  ]);
  const copy = new Uint8Array(8);
  assertEquals(attached.readAt(copy, 64), 8);
  assertEquals(copy[0], 0x88);
  assertEquals(attached.readAt(copy, BYTES - 2), 2);
});

Deno.test("borrowMapping() of an owned segment's address is the same memory", () => {
  using at = segmentName();
  using segment = OwnedSegment.take(at.name, BYTES);
  new Uint8Array(borrowMapping(segment.address, BYTES))[5] = 77;
  assertEquals(new Uint8Array(segment.buffer)[5], 77);
  assertThrows(() => borrowMapping(0n, BYTES), TypeError, "address 0");
});

Deno.test("AttachedSegment maps read-only, OwnedSegment for writing, and dispose unmaps both", () => {
  using at = segmentName();
  const mappings = () =>
    Deno.readTextFileSync("/proc/self/maps").split("\n").filter((line) => line.endsWith(at.path))
      .map((line) => line.split(" ")[1]!).sort();
  const owned = OwnedSegment.take(at.name, BYTES);
  const attached = AttachedSegment.open(at.name);
  assertEquals(mappings(), ["rw-s"]);
  attached.map(BYTES);
  assertEquals(attached.map(BYTES), attached.map(BYTES));
  assertEquals(mappings(), ["r--s", "rw-s"]);
  attached[Symbol.dispose]();
  assertEquals(mappings(), ["rw-s"]);
  owned[Symbol.dispose]();
  owned[Symbol.dispose]();
  assertEquals(mappings(), []);
});

Deno.test("AttachedSegment.open() says which segment does not exist", () => {
  using at = segmentName();
  const error = assertThrows(() => AttachedSegment.open(at.name), LibcError);
  assertEquals(error.code, "ENOENT");
  assertStringIncludes(error.message, `Cannot open shared memory ${at.name}: No such file or directory`);
});

Deno.test("AttachedSegment.status says whose the segment is and how long", () => {
  using at = segmentName();
  using _owned = OwnedSegment.take(at.name, BYTES);
  using attached = AttachedSegment.open(at.name);
  assertEquals([attached.status.userId, attached.status.byteLength], [Deno.uid(), BYTES]);
});

Deno.test("AttachedSegment.isCurrent() notices that the name leads to a new segment", () => {
  using at = segmentName();
  const first = OwnedSegment.take(at.name, BYTES);
  using attached = AttachedSegment.open(at.name);
  assertEquals(attached.isCurrent(), true);
  first.unlink();
  first[Symbol.dispose]();
  assertEquals(attached.isCurrent(), false);
  using _second = OwnedSegment.take(at.name, BYTES);
  assertEquals(attached.isCurrent(), false);
});

Deno.test("OwnedSegment.take() refuses a second owner, in this process and from another one", async () => {
  using at = segmentName();
  await using _owner = await ownerChild(at.name);
  const error = assertThrows(() => OwnedSegment.take(at.name, BYTES), SegmentTakenError);
  assertEquals([error.segment, error.reason], [at.name, "locked"]);
  assertEquals(
    error.message,
    `Cannot publish to shared memory ${at.name}: another daemon writes it already. ` +
      "Stop that one or choose another name with --shm-name.",
  );
  assertEquals(Deno.readFileSync(at.path), new Uint8Array(BYTES).fill(0xab));
  await using second = new DenoChild(OWNER_CHILD, { args: [at.name] });
  assertStringIncludes(await second.line(), "SegmentTakenError: Cannot publish");
});

Deno.test("OwnedSegment.take() takes over from an owner killed with SIGKILL, bytes and all", async () => {
  using at = segmentName();
  await using owner = await ownerChild(at.name);
  const { identity } = statusOfPath(at.path);
  assertEquals((await owner.end("SIGKILL")).signal, "SIGKILL");
  using segment = OwnedSegment.take(at.name, BYTES);
  assertEquals(new Uint8Array(segment.buffer), new Uint8Array(BYTES).fill(0xab));
  assertEquals(statusOfPath(at.path).identity, identity);
});

Deno.test("OwnedSegment.take() takes over segments of 0 and of 127 bytes and makes them whole", () => {
  for (const length of [0, 127]) {
    using at = segmentName();
    Deno.writeFileSync(at.path, new Uint8Array(length).fill(7), { mode: 0o644 });
    using segment = OwnedSegment.take(at.name, BYTES);
    assertEquals(Deno.statSync(at.path).size, BYTES);
    assertEquals([...new Uint8Array(segment.buffer)], [
      ...Array(length).fill(7),
      ...Array(BYTES - length).fill(0),
    ]);
  }
});

Deno.test("OwnedSegment.take() refuses a segment that others may write", () => {
  using at = segmentName();
  Deno.writeFileSync(at.path, new Uint8Array(BYTES));
  Deno.chmodSync(at.path, 0o646);
  const error = assertThrows(
    () => OwnedSegment.take(at.name, BYTES),
    SegmentTakenError,
    "may be written by other users",
  );
  assertEquals(error.reason, "foreign");
});

Deno.test({
  name: "OwnedSegment.take() refuses another user's segment and says whose it is",
  ignore: !IS_ROOT,
  fn: () => {
    using at = segmentName();
    Deno.writeFileSync(at.path, new Uint8Array(BYTES), { mode: 0o644 });
    Deno.chownSync(at.path, 4321, 4321);
    const error = assertThrows(() => OwnedSegment.take(at.name, BYTES), SegmentTakenError);
    assertEquals(error.reason, "foreign");
    assertEquals(
      error.message,
      `Cannot publish to shared memory ${at.name}: it belongs to user 4321, not to user 0 who runs this daemon. ` +
        `Remove ${at.path} or choose another name with --shm-name.`,
    );
    assertEquals(Deno.statSync(at.path).uid, 4321);
  },
});

Deno.test("OwnedSegment.unlink() removes its own name, and leaves a successor's alone", () => {
  using at = segmentName();
  using first = OwnedSegment.take(at.name, BYTES);
  first.unlink();
  assertEquals(exists(at.path), false);
  using second = OwnedSegment.take(at.name, BYTES);
  first.unlink();
  assertEquals(exists(at.path), true);
  second.unlink();
  second.unlink();
  assertEquals(exists(at.path), false);
});

Deno.test("OwnedSegment.take() reports what the system refuses", () => {
  const error = assertThrows(() => OwnedSegment.take("a/b", BYTES), LibcError);
  assertInstanceOf(error, LibcError);
  assertStringIncludes(error.message, "Cannot create shared memory a/b");
});

/** A path in a folder of its own, which goes with all that is in it. */
function segmentPath(): { path: string } & Disposable {
  const folder = Deno.makeTempDirSync({ prefix: "chronotick-segment-" });
  return { path: `${folder}/record`, [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }) };
}

Deno.test("a segment at a path is a file there, 0644, with one owner, that goes with unlink()", () => {
  using at = segmentPath();
  using owned = OwnedSegment.take(at.path, BYTES);
  const { size, mode } = Deno.statSync(at.path);
  assertEquals([size, mode! & 0o7777], [BYTES, 0o644]);
  new Uint8Array(owned.buffer)[7] = 99;
  assertEquals(Deno.readFileSync(at.path)[7], 99);
  using attached = AttachedSegment.open(at.path);
  assertEquals(new Uint8Array(attached.map(BYTES))[7], 99);
  const error = assertThrows(() => OwnedSegment.take(at.path, BYTES), SegmentTakenError);
  assertEquals(
    error.message,
    `Cannot publish to shared memory ${at.path}: another daemon writes it already. ` +
      "Stop that one or choose another path with --shm-path.",
  );
  owned.unlink();
  assertEquals(exists(at.path), false);
  assertEquals(attached.isCurrent(), false);
});

Deno.test("OwnedSegment.take() leaves alone what lies at its path and is no segment", () => {
  for (const length of [1, 127, 129, 4096]) {
    using at = segmentPath();
    Deno.writeFileSync(at.path, new Uint8Array(length).fill(7), { mode: 0o644 });
    const error = assertThrows(() => OwnedSegment.take(at.path, BYTES), SegmentTakenError, "something else");
    assertEquals(error.reason, "foreign");
    assertEquals(Deno.readFileSync(at.path), new Uint8Array(length).fill(7));
  }
  assertThrows(() => OwnedSegment.take("/dev/null", BYTES), SegmentTakenError);
});

Deno.test("OwnedSegment.take() says what to do where the system lets it make no segment", () => {
  using at = segmentPath();
  const cases = [
    ["a folder", `${at.path}-folder`, (path: string) => Deno.mkdirSync(path), "EISDIR", "Remove PATH"],
    [
      "a link",
      `${at.path}-link`,
      (path: string) => Deno.symlinkSync("nowhere", path),
      "ELOOP",
      "Remove PATH",
    ],
    ["no folder", `${at.path}/x`, () => {}, "ENOENT", `Make the folder ${at.path}/`],
  ] as const;
  for (const [what, path, prepare, code, remedy] of cases) {
    prepare(path);
    const error = assertThrows(() => OwnedSegment.take(path, BYTES), LibcError);
    assertEquals(error.code, code, what);
    const advice = remedy.replace("PATH", path);
    assert(error.message.endsWith(`. ${advice} or choose another path with --shm-path.`), error.message);
  }
});

Deno.test({
  name: "OwnedSegment.take() leaves nothing behind on a full disk, and says where to make room",
  ignore: !available("unshare") || !available("mount") || !IS_ROOT,
  fn: async () => {
    using at = segmentPath();
    Deno.mkdirSync(at.path);
    const script = 'mount -t tmpfs -o size=4k tmpfs "$1" && head -c 4096 /dev/zero > "$1/fill" && ' +
      'deno="$2" && "$deno" run --quiet --allow-ffi "$3" "$1/record" 2>&1; ls "$1"';
    const { stdout } = await new Deno.Command(findProgram("unshare")!, {
      args: ["--mount", "sh", "-c", script, "sh", at.path, Deno.execPath(), OWNER_CHILD.pathname],
      stdin: "null",
    }).output();
    const output = new TextDecoder().decode(stdout);
    assertStringIncludes(output, "No space left on device (ENOSPC). Make room in ");
    assertEquals(output.trimEnd().split("\n").at(-1), "fill");
  },
});

Deno.test("neither side follows a symbolic link", () => {
  using at = segmentPath();
  using _owned = OwnedSegment.take(at.path, BYTES);
  const link = `${at.path}-link`;
  Deno.symlinkSync(at.path, link);
  for (const open of [() => OwnedSegment.take(link, BYTES), () => AttachedSegment.open(link)]) {
    assertEquals(assertThrows(open, LibcError).code, "ELOOP");
  }
});

/** Opens the segment read-only and takes the lock that anybody may take, a read lock; holds it until its stdin ends. */
const PYTHON_READ_LOCK = `
import fcntl, os, struct, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
fcntl.fcntl(fd, 37, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 0, 0))
print("locked", flush=True)
sys.stdin.read()
`;

/** While a reader in Python holds a read lock on `path`. */
async function whileReadLocked(path: string, act: () => void): Promise<void> {
  const args = ["-c", PYTHON_READ_LOCK, path];
  await using reader = new Deno.Command("python3", { args, stdin: "piped", stdout: "piped" }).spawn();
  const output = reader.stdout.getReader();
  assertStringIncludes(new TextDecoder().decode((await output.read()).value), "locked");
  act();
  await reader.stdin.close();
  await output.cancel();
  await reader.status;
}

Deno.test({
  name: "OwnedSegment.take() gets a new segment when readers' locks block the dead owner's one",
  ignore: !available("python3"),
  fn: async () => {
    using at = segmentName();
    OwnedSegment.take(at.name, BYTES)[Symbol.dispose]();
    const { identity } = statusOfPath(at.path);
    await whileReadLocked(at.path, () => {
      using segment = OwnedSegment.take(at.name, BYTES);
      assert(statusOfPath(at.path).identity !== identity);
      assertThrows(() => OwnedSegment.take(at.name, BYTES), SegmentTakenError, "another daemon");
      segment.unlink();
    });
  },
});

Deno.test({
  name: "isWriteLocked() is not deceived by a reader's lock",
  ignore: !available("python3"),
  fn: async () => {
    using at = segmentName();
    OwnedSegment.take(at.name, BYTES)[Symbol.dispose]();
    await whileReadLocked(at.path, () => {
      using attached = AttachedSegment.open(at.name);
      assertEquals(isWriteLocked(attached.file), false);
    });
  },
});

const PYTHON_LOCK_OWNER = `
import fcntl, os, struct, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
got = fcntl.fcntl(fd, 36, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
kind, _, _, _, pid = struct.unpack("hhqqi4x", got)
print({fcntl.F_RDLCK: "read", fcntl.F_WRLCK: "write", fcntl.F_UNLCK: "none"}[kind], pid)
`;

Deno.test({
  name: "OwnedSegment's lock is an OFD write lock that Python sees, and dies with a killed process",
  ignore: !available("python3"),
  fn: async () => {
    using at = segmentName();
    await using owner = await ownerChild(at.name);
    using attached = AttachedSegment.open(at.name);
    // A lock of an open file description belongs to no process: the kernel says −1.
    assertEquals(await python(PYTHON_LOCK_OWNER, at.path), "write -1");
    assertEquals(isWriteLocked(attached.file), true);
    await owner.end("SIGKILL");
    assertEquals(await python(PYTHON_LOCK_OWNER, at.path), "none 0");
    assertEquals(isWriteLocked(attached.file), false);
  },
});

const PYTHON_TRY_LOCK = `
import fcntl, os, struct, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
try:
    fcntl.fcntl(fd, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
    print("locked")
except OSError as error:
    print(os.strerror(error.errno))
`;

Deno.test({
  name: "OwnedSegment's lock cannot be taken by a reader, nor freed by the owner's own second descriptor",
  ignore: !available("python3"),
  fn: async () => {
    using at = segmentName();
    const owned = OwnedSegment.take(at.name, BYTES);
    assertEquals(await python(PYTHON_TRY_LOCK, at.path), "Bad file descriptor");
    // A POSIX record lock would go when any descriptor of the file closes.
    AttachedSegment.open(at.name)[Symbol.dispose]();
    assertEquals(await python(PYTHON_LOCK_OWNER, at.path), "write -1");
    owned[Symbol.dispose]();
    assertEquals(await python(PYTHON_LOCK_OWNER, at.path), "none 0");
  },
});
