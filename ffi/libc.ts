/**
 * The table of C functions that ChronoTick calls, each opened the first time it is used.
 *
 * Nothing here runs at import: importing ChronoTick on a platform without these functions is harmless, using it is
 * one clear error. `ioctl`-like variadic functions are declared with fixed parameters: on Linux both the System V
 * x86-64 ABI and AAPCS64 pass variadic integers exactly as fixed ones.
 *
 * @module
 */

const LIBRARY = "libc.so.6";
const ERRNO_LOCATION = "__errno_location";

const SYMBOLS = {
  // Clocks
  clock_gettime: { parameters: ["i32", /* clockid_t */ "pointer" /* struct timespec * */], result: "i32" },
  clock_nanosleep: {
    parameters: [
      "i32", /* clockid_t */
      "i32", /* int flags */
      "buffer", /* const struct timespec * */
      "pointer", /* struct timespec *remain */
    ],
    result: "i32", // the error number itself, not -1 and errno
  },
  adjtimex: { parameters: ["buffer" /* struct timex * */], result: "i32" },
  prctl: {
    parameters: [
      "i32", /* int option */
      "u64", /* arg2 */
      "u64", /* arg3 */
      "u64", /* arg4 */
      "u64", /* arg5 */
    ],
    result: "i32",
  },

  // Files and shared memory
  open: {
    parameters: ["buffer", /* const char *path */ "i32", /* int flags */ "u32" /* mode_t */],
    result: "i32",
  },
  access: { parameters: ["buffer", /* const char *path */ "i32" /* int mode */], result: "i32" },
  close: { parameters: ["i32" /* int fd */], result: "i32" },
  read: {
    parameters: ["i32", /* int fd */ "buffer", /* void *buf */ "usize" /* size_t count */],
    result: "isize",
  },
  pread: {
    parameters: ["i32", /* int fd */ "buffer", /* void * */ "usize", /* size_t */ "i64" /* off_t */],
    result: "isize",
  },
  pwrite: {
    parameters: ["i32", /* int fd */ "buffer", /* const void * */ "usize", /* size_t */ "i64" /* off_t */],
    result: "isize",
  },
  fdatasync: { parameters: ["i32" /* int fd */], result: "i32" },
  fsync: { parameters: ["i32" /* int fd */], result: "i32" },
  statx: {
    parameters: [
      "i32", /* int dirfd */
      "buffer", /* const char *path */
      "i32", /* int flags */
      "u32", /* unsigned mask */
      "buffer", /* struct statx * */
    ],
    result: "i32",
  },
  fstatfs: { parameters: ["i32", /* int fd */ "buffer" /* struct statfs * */], result: "i32" },
  opendir: { parameters: ["buffer" /* const char *path */], result: "pointer" /* DIR * */ },
  readdir: { parameters: ["pointer" /* DIR * */], result: "pointer" /* struct dirent * */ },
  closedir: { parameters: ["pointer" /* DIR * */], result: "i32" },
  fchmod: { parameters: ["i32", /* int fd */ "u32" /* mode_t */], result: "i32" },
  ftruncate: { parameters: ["i32", /* int fd */ "i64" /* off_t */], result: "i32" },
  posix_fallocate: {
    parameters: ["i32", /* int fd */ "i64", /* off_t offset */ "i64" /* off_t len */],
    result: "i32", // the error number itself
  },
  fcntl: {
    parameters: ["i32", /* int fd */ "i32", /* int cmd */ "buffer" /* struct flock * */],
    result: "i32",
  },
  unlink: { parameters: ["buffer" /* const char *path */], result: "i32" },
  mmap: {
    parameters: [
      "pointer", /* void *addr */
      "usize", /* size_t length */
      "i32", /* int prot */
      "i32", /* int flags */
      "i32", /* int fd */
      "i64", /* off_t offset */
    ],
    result: "pointer",
  },
  munmap: { parameters: ["pointer", /* void *addr */ "usize" /* size_t length */], result: "i32" },

  // Process
  geteuid: { parameters: [], result: "u32" },
  gethostname: { parameters: ["buffer", /* char *name */ "usize" /* size_t len */], result: "i32" },
  sched_setaffinity: {
    parameters: [
      "i32", /* pid_t (0: the calling thread) */
      "usize", /* size_t */
      "buffer", /* const cpu_set_t * */
    ],
    result: "i32",
  },
  sched_getaffinity: {
    parameters: ["i32", /* pid_t (0: the calling thread) */ "usize", /* size_t */ "buffer" /* cpu_set_t * */],
    result: "i32",
  },

  // Sockets
  socket: {
    parameters: ["i32", /* int domain */ "i32", /* int type */ "i32" /* int protocol */],
    result: "i32",
  },
  bind: {
    parameters: ["i32", /* int fd */ "buffer", /* const struct sockaddr * */ "u32" /* socklen_t */],
    result: "i32",
  },
  connect: {
    parameters: ["i32", /* int fd */ "buffer", /* const struct sockaddr * */ "u32" /* socklen_t */],
    result: "i32",
  },
  getsockname: {
    parameters: ["i32", /* int fd */ "buffer", /* struct sockaddr * */ "buffer" /* socklen_t * */],
    result: "i32",
  },
  setsockopt: {
    parameters: [
      "i32", /* int fd */
      "i32", /* int level */
      "i32", /* int optname */
      "buffer", /* const void *optval */
      "u32", /* socklen_t */
    ],
    result: "i32",
  },
  sendto: {
    parameters: [
      "i32", /* int fd */
      "buffer", /* const void *buf */
      "usize", /* size_t len */
      "i32", /* int flags */
      "buffer", /* const struct sockaddr *, or null */
      "u32", /* socklen_t */
    ],
    result: "isize",
  },
  recvmsg: {
    parameters: ["i32", /* int fd */ "buffer", /* struct msghdr * */ "i32" /* int flags */],
    result: "isize",
  },
  shutdown: { parameters: ["i32", /* int fd */ "i32" /* int how */], result: "i32" },
  ppoll: {
    parameters: [
      "buffer", /* struct pollfd * */
      "u64", /* nfds_t */
      "buffer", /* const struct timespec * */
      "pointer", /* const sigset_t *, or null */
    ],
    result: "i32",
  },
  pollAsync: {
    name: "poll",
    parameters: ["buffer", /* struct pollfd * */ "u64", /* nfds_t */ "i32" /* int timeout, ms */],
    result: "i32",
    nonblocking: true, // runs on a pool thread: its errno is not ours to read
  },
  inet_pton: {
    parameters: ["i32", /* int af */ "buffer", /* const char *src */ "buffer" /* void *dst */],
    result: "i32",
  },

  // errno
  __errno_location: { parameters: [], result: "pointer" /* int * of this thread */ },
  strerrorname_np: { parameters: ["i32" /* int errnum */], result: "pointer" /* const char * */ },
  strerrordesc_np: { parameters: ["i32" /* int errnum */], result: "pointer" /* const char * */ },
} as const satisfies Deno.ForeignLibraryInterface;

/** The C functions by name, typed after their prototypes. */
export type Libc = Deno.StaticForeignLibraryInterface<typeof SYMBOLS>;

/** ChronoTick cannot run here: the message says what it needs and what it found. */
export class PlatformError extends Error {
  /** The class, for logs. */
  override readonly name = "PlatformError";
}

function openSymbol(name: keyof typeof SYMBOLS): unknown {
  if (Deno.build.os !== "linux") {
    throw new PlatformError(
      `Cannot use ${name} on ${Deno.build.os}: ChronoTick reads clocks and shared memory through Linux's C library. Run it on Linux (x86-64 or arm64).`,
    );
  }
  try {
    return (Deno.dlopen(LIBRARY, { [name]: SYMBOLS[name] }).symbols as Record<string, unknown>)[name];
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new PlatformError(
      `Cannot find ${name} in ${LIBRARY}: ChronoTick needs the GNU C library 2.34 or newer.`,
      { cause: error },
    );
  }
}

function lazySymbols(): Libc {
  const symbols = {};
  for (const name of Object.keys(SYMBOLS) as (keyof typeof SYMBOLS)[]) {
    Object.defineProperty(symbols, name, {
      configurable: true,
      enumerable: true,
      get() {
        const value = openSymbol(name);
        // Opening a symbol may set errno: the one that tells it must be there before a call fails.
        if (name !== ERRNO_LOCATION) void (symbols as Libc)[ERRNO_LOCATION];
        Object.defineProperty(symbols, name, { value, enumerable: true });
        return value;
      },
    });
  }
  return symbols as Libc;
}

/** The C library of this process; a function is looked up at its first use (about 0.2 ms, the first one 1 ms). */
export const libc: Libc = lazySymbols();

/** A NUL-terminated copy of `text` for a `const char *` parameter. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) throw new TypeError("Cannot pass a string with a NUL character to the C library.");
  return new TextEncoder().encode(text + "\0");
}
