/**
 * Files mapped into memory, shared with all who map the same file.
 *
 * @module
 */
import { checked } from "./errno.ts";
import type { FileDescriptor } from "./files.ts";
import { libc } from "./libc.ts";

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
/** Fault the pages in now, so that the first access is as quick as the next. */
const MAP_POPULATE = 0x8000;
const MAP_FAILED = 2n ** 64n - 1n;

/** What may be done with the mapped bytes; a store where only reading is allowed kills the process. */
export type MappingAccess = "read" | "readwrite";

/** A range of mapped memory; unmapping it is this object's duty, and nobody may touch `buffer` afterwards. */
export class Mapping implements Disposable {
  readonly #pointer: Deno.PointerObject;
  readonly #byteLength: number;
  readonly buffer: ArrayBuffer;
  #mapped = true;

  /** Maps the first `byteLength` bytes; `operation` completes the sentence "Cannot …". */
  constructor(file: FileDescriptor, byteLength: number, access: MappingAccess, operation: string) {
    const pointer = libc.mmap(
      null,
      BigInt(byteLength),
      access === "read" ? PROT_READ : PROT_READ | PROT_WRITE,
      MAP_SHARED | MAP_POPULATE,
      file.value,
      0n,
    );
    if (pointer === null || Deno.UnsafePointer.value(pointer) === MAP_FAILED) checked(-1, operation);
    this.#pointer = pointer!;
    this.#byteLength = byteLength;
    // SAFETY: mmap has just given us byteLength bytes at this address; they stay ours until munmap in dispose.
    this.buffer = Deno.UnsafePointerView.getArrayBuffer(this.#pointer, byteLength);
  }

  /** Where it lies in this process. */
  get address(): bigint {
    return Deno.UnsafePointer.value(this.#pointer);
  }

  /** Unmaps; a second time does nothing. */
  [Symbol.dispose](): void {
    if (!this.#mapped) return;
    this.#mapped = false;
    // SAFETY: the address and length that mmap returned, unmapped once; the owners drop their views with us.
    libc.munmap(this.#pointer, BigInt(this.#byteLength));
  }
}
