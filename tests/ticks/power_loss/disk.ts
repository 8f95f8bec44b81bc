/**
 * What a disk may hold after a crash: all that was synced, and of what came later any sectors of any age.
 *
 * @module
 */
import { Random } from "../../support/random.ts";
import type { TraceEvent } from "./trace.ts";

const SECTOR_BYTES = 512;
/** Up to so many combinations all are tried, above a sample of that size. */
const MAX_STATES = 32;

class DiskFile {
  synced = new Uint8Array(0);
  #byteLength = 0;
  /** What each written sector may hold besides what is synced, oldest first. */
  readonly #pending = new Map<number, Uint8Array[]>();
  #latest = new Uint8Array(0);

  extend(byteLength: number): void {
    this.#byteLength = Math.max(this.#byteLength, byteLength);
    this.#latest = resized(this.#latest, this.#byteLength);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.extend(offset + bytes.length);
    this.#latest.set(bytes, offset);
    const end = offset + bytes.length;
    for (let start = offset - offset % SECTOR_BYTES; start < end; start += SECTOR_BYTES) {
      const versions = this.#pending.get(start) ?? [];
      this.#pending.set(start, [...versions, this.#latest.slice(start, start + SECTOR_BYTES)]);
    }
  }

  sync(): void {
    this.synced = this.#latest.slice();
    this.#pending.clear();
  }

  /** Contents that a crash may leave. With `isTearing` a sector may be half of one version and half of another. */
  *states(random: Random, isTearing: boolean): Generator<Uint8Array<ArrayBuffer>> {
    const choices = [...this.#pending].map(([start, versions]): [number, (Uint8Array | null)[]] => [
      start,
      [null, ...versions, ...(isTearing ? versions.map((version) => this.#torn(start, version)) : [])],
    ]);
    const count = choices.reduce((product, [, versions]) => product * versions.length, 1);
    for (let i = 0; i < Math.min(count, MAX_STATES); i++) {
      let index = count <= MAX_STATES ? i : Math.floor(random.uniform() * count);
      const state = resized(this.synced, this.#byteLength);
      for (const [start, versions] of choices) {
        const chosen = versions[index % versions.length]!;
        if (chosen !== null) state.set(chosen, start);
        index = Math.floor(index / versions.length);
      }
      yield state;
    }
  }

  #torn(start: number, version: Uint8Array): Uint8Array {
    const torn = version.slice();
    torn.set(resized(this.synced, this.#byteLength).subarray(start, start + SECTOR_BYTES / 2));
    return torn;
  }
}

/** Follows a trace. Names are lost unless the folder that holds them is synced. */
export class Disk {
  readonly #files = new Map<string, DiskFile>();
  readonly #unsyncedNames = new Set<string>();

  /** Takes the next step. */
  apply(event: TraceEvent): void {
    switch (event.kind) {
      case "make name":
        if (!this.#files.has(event.path)) {
          this.#unsyncedNames.add(event.path);
          this.#files.set(event.path, this.#files.get(event.of) ?? new DiskFile());
        }
        return;
      case "remove name":
        this.#files.delete(event.path);
        return;
      case "extend":
        return this.#files.get(event.path)?.extend(event.byteLength);
      case "write":
        return this.#files.get(event.path)!.write(event.offset, event.bytes);
      case "sync":
        this.#files.get(event.path)?.sync();
        for (const name of this.#unsyncedNames) {
          if (parentOf(name) === event.path) this.#unsyncedNames.delete(name);
        }
    }
  }

  /** Whether a crash may leave no such file, or no way to it. */
  mayBeLost(path: string): boolean {
    return !this.#files.has(path) ||
      [...this.#unsyncedNames].some((name) => `${path}/`.startsWith(`${name}/`));
  }

  /** What a crash may leave in the file. */
  states(path: string, random: Random, isTearing: boolean): Generator<Uint8Array<ArrayBuffer>> {
    return this.#files.get(path)!.states(random, isTearing);
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function resized(bytes: Uint8Array, byteLength: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(byteLength);
  result.set(bytes.subarray(0, byteLength));
  return result;
}
