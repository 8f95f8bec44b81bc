/**
 * What a traced process did to its disk, and what it said, in order.
 *
 * @module
 */

/** One step; files by their path. */
export type TraceEvent =
  | { readonly kind: "make name"; readonly path: string; readonly of: string }
  | { readonly kind: "remove name"; readonly path: string }
  | { readonly kind: "extend"; readonly path: string; readonly byteLength: number }
  | { readonly kind: "write"; readonly path: string; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "sync"; readonly path: string }
  | { readonly kind: "say"; readonly text: string };

/** What to ask strace for; the output is one file for each thread. */
export const STRACE: readonly string[] = [
  "strace",
  "-ff",
  "-qq",
  "-y",
  "-xx",
  "-s",
  "65536",
  "-e",
  "trace=open,openat,creat,mkdir,mkdirat,pwrite64,write,pwritev,writev,fdatasync,fsync,sync_file_range,fallocate," +
  "ftruncate,link,linkat,unlink,unlinkat,rename,renameat,renameat2",
];

const CALL = /^(\w+)\((.*)\)\s+= (-?\d+)/;
/** Strings and descriptors' paths, all in hexadecimal. */
const HEXADECIMAL = /((?:\\x[0-9a-f]{2})+)|""/g;
const DESCRIPTOR = /^(\d+)</;

/**
 * Reads one thread's lines; what it does outside of `folder` and standard output does not matter.
 *
 * @throws {Error} it does something to the folder that is not understood here
 */
export function readTrace(text: string, folder: string): TraceEvent[] {
  return text.split("\n").flatMap((line) => {
    const call = CALL.exec(line);
    if (call === null || call[3]!.startsWith("-")) return [];
    return eventsOf(call[1]!, call[2]!, folder);
  });
}

function eventsOf(name: string, args: string, folder: string): TraceEvent[] {
  const strings = [...args.matchAll(HEXADECIMAL)].map(([text]) => unhex(text));
  const texts = strings.map((bytes) => new TextDecoder().decode(bytes));
  const isAtFolder = texts.some((text) => text === folder || text.startsWith(`${folder}/`));
  const [path = "", second = ""] = args.startsWith("AT_FDCWD") ? texts.slice(1) : texts;
  const numbers = args.replace(/.*>?,(?=[^"]*$)/, "").match(/\d+/g)?.map(Number) ?? [];
  switch (name) {
    case "write":
      if (DESCRIPTOR.exec(args)![1] === "1") return [{ kind: "say", text: texts[1]! }];
      break;
    case "open":
    case "openat":
      return isAtFolder && args.includes("O_CREAT") ? [{ kind: "make name", path, of: path }] : [];
    case "mkdir":
      return isAtFolder ? [{ kind: "make name", path, of: path }] : [];
    case "linkat":
      return isAtFolder ? [{ kind: "make name", path: texts[3]!, of: path }] : [];
    case "unlink":
      return isAtFolder ? [{ kind: "remove name", path }] : [];
    case "fallocate":
      return isAtFolder ? [{ kind: "extend", path, byteLength: numbers.at(-1)! }] : [];
    case "pwrite64":
      return isAtFolder ? [{ kind: "write", path, offset: numbers.at(-1)!, bytes: strings[1]! }] : [];
    case "fsync":
    case "fdatasync":
      // Folders above count too: their entries lead here.
      return isAtFolder || folder.startsWith(`${path}/`) ? [{ kind: "sync", path }] : [];
  }
  if (isAtFolder) throw new Error(`Cannot tell what ${name}(${second}) does to a disk.`);
  return [];
}

function unhex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (digits) => parseInt(digits, 16));
}
