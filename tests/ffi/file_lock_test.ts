import { assertEquals } from "@std/assert";
import { isWriteLocked, tryReadLock, tryWriteLock, unlock } from "../../ffi/file_lock.ts";
import { FileDescriptor, OpenFlag } from "../../ffi/files.ts";
import { available } from "../support/available.ts";
import { python } from "../support/python.ts";

/** Three open files of one file. */
class ThreeOpen implements Disposable {
  readonly path = Deno.makeTempFileSync({ prefix: "chronotick-lock-" });
  readonly a = FileDescriptor.open(this.path, OpenFlag.RDWR);
  readonly b = FileDescriptor.open(this.path, OpenFlag.RDWR);
  readonly c = FileDescriptor.open(this.path, OpenFlag.RDWR);

  [Symbol.dispose](): void {
    for (const file of [this.a, this.b, this.c]) file[Symbol.dispose]();
    Deno.removeSync(this.path);
  }
}

const FIRST = { start: 0, length: 1 };
const SECOND = { start: 1, length: 1 };

Deno.test("a write lock keeps all others out of its range, and of nothing else", () => {
  using files = new ThreeOpen();
  assertEquals(tryWriteLock(files.a, FIRST), true);
  assertEquals([tryWriteLock(files.b, FIRST), tryReadLock(files.b, FIRST)], [false, false]);
  assertEquals([tryWriteLock(files.b, SECOND), tryWriteLock(files.c)], [true, false]);
  assertEquals(isWriteLocked(files.c), true);
  unlock(files.a, FIRST);
  assertEquals([tryReadLock(files.c, FIRST), tryWriteLock(files.c, SECOND)], [true, false]);
});

Deno.test("many hold a read lock; the last one can turn it into a write lock, and back", () => {
  using files = new ThreeOpen();
  assertEquals([tryReadLock(files.a, SECOND), tryReadLock(files.b, SECOND)], [true, true]);
  assertEquals(tryWriteLock(files.a, SECOND), false);
  files.b[Symbol.dispose](); // a lock goes with its open file
  assertEquals([tryWriteLock(files.a, SECOND), tryReadLock(files.c, SECOND)], [true, false]);
  assertEquals([tryReadLock(files.a, SECOND), tryReadLock(files.c, SECOND)], [true, true]);
});

Deno.test({
  name: "Python's fcntl meets the locks where they are",
  ignore: !available("python3"),
  fn: async () => {
    using files = new ThreeOpen();
    tryWriteLock(files.a, { start: 10, length: 5 });
    const code = `
import fcntl, sys
file = open(sys.argv[1], "r+b")
def free(start):
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, start)
        return 1
    except OSError:
        return 0
print("".join(str(free(start)) for start in range(8, 17)))`;
    assertEquals(await python(code, files.path), "110000011");
  },
});
