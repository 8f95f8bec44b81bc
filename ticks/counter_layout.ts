/**
 * The bytes of a counter file, as docs/ticks.md lists them: a header, the live words that all processes share by
 * mapping, and two slots that say how far ticks are reserved. Pure: bytes in and out.
 *
 * @module
 */
import { crc32 } from "./crc32.ts";

/** Each part has a page of its own, so that writing one never touches another's sectors. */
const PAGE_BYTES = 4096;
/** The length of a counter file. */
export const FILE_BYTES: number = 4 * PAGE_BYTES;
/** Header and slots are a sector each, which disks write whole or not at all. */
export const SECTOR_BYTES = 512;
/** The layout that this code reads and writes. */
export const LAYOUT_VERSION = 1;

/** Where the parts begin. */
export const Offset = { header: 0, live: PAGE_BYTES, slots: [2 * PAGE_BYTES, 3 * PAGE_BYTES] } as const;

/** The live words by their index in a BigUint64Array over the whole file; the first has a cache line to itself. */
export const Word = {
  /** The next tick to hand out; may run ahead of the limit. */
  next: Offset.live / 8,
  /** The highest tick that may be handed out: it is reserved on the disk. */
  limit: Offset.live / 8 + 8,
  /** The sequence number of the slot that is on the disk for certain. */
  sequence: Offset.live / 8 + 9,
  /** The last stamp's time, Unix ns. */
  lastUtcNs: Offset.live / 8 + 10,
  /** The highest time that a stamp may carry: it is reserved on the disk. */
  utcLimitNs: Offset.live / 8 + 11,
  /** The boot during which these words are true, first half. */
  bootLow: Offset.live / 8 + 12,
  /** The same, second half. */
  bootHigh: Offset.live / 8 + 13,
} as const;

/** What never changes. */
export interface Header {
  readonly version: number;
  /** The inode that the file was made as: a copy has another one. */
  readonly inode: bigint;
}

/** A reservation as it is on the disk. */
export interface Slot {
  /** One more than that of the slot before it; its parity says in which of the two places it is. */
  readonly sequence: bigint;
  /** No tick above this was handed out on the strength of this slot. */
  readonly limit: bigint;
  /** No stamp above this was handed out on the strength of this slot, Unix ns. */
  readonly utcLimitNs: bigint;
  /** The limit is the last tick handed out: the last process closed the counter in order. */
  readonly isCleanStop: boolean;
}

const HEADER_MAGIC = 0x1a534f4e4f524843n; // "CHRONOS\x1a" as a little-endian word
const SLOT_MAGIC = 0x1a45565245534552n; // "RESERVE\x1a"
const FLAG_CLEAN_STOP = 1;
const MAGIC = 0;
const CHECKSUM = SECTOR_BYTES - 4;
/** Where a header's fields are in its sector. */
export const HEADER = { version: 8, inode: 16 } as const;
/** Where a slot's fields are in its sector. */
export const SLOT = { sequence: 8, limit: 16, utcLimitNs: 24, flags: 32 } as const;

/** The sector of a header. */
function encodeHeader({ version, inode }: Header): Uint8Array<ArrayBuffer> {
  return sealed(HEADER_MAGIC, (view) => {
    view.setUint32(HEADER.version, version, true);
    view.setBigUint64(HEADER.inode, inode, true);
  });
}

/** The header in a sector; null when it is none. */
export function decodeHeader(sector: Uint8Array<ArrayBuffer>): Header | null {
  const view = unsealed(sector, HEADER_MAGIC);
  if (view === null) return null;
  return {
    version: view.getUint32(HEADER.version, true),
    inode: view.getBigUint64(HEADER.inode, true),
  };
}

/** The sector of a slot. */
export function encodeSlot(slot: Slot): Uint8Array<ArrayBuffer> {
  return sealed(SLOT_MAGIC, (view) => {
    view.setBigUint64(SLOT.sequence, slot.sequence, true);
    view.setBigUint64(SLOT.limit, slot.limit, true);
    view.setBigInt64(SLOT.utcLimitNs, slot.utcLimitNs, true);
    view.setUint32(SLOT.flags, slot.isCleanStop ? FLAG_CLEAN_STOP : 0, true);
  });
}

/** The slot in a sector; null when it is none. */
export function decodeSlot(sector: Uint8Array<ArrayBuffer>): Slot | null {
  const view = unsealed(sector, SLOT_MAGIC);
  if (view === null) return null;
  return {
    sequence: view.getBigUint64(SLOT.sequence, true),
    limit: view.getBigUint64(SLOT.limit, true),
    utcLimitNs: view.getBigInt64(SLOT.utcLimitNs, true),
    isCleanStop: (view.getUint32(SLOT.flags, true) & FLAG_CLEAN_STOP) !== 0,
  };
}

/** Where the slot of that sequence number has its place. */
export function slotOffset(sequence: bigint): number {
  return Offset.slots[Number(sequence & 1n)]!;
}

/** A whole file in which `lastTick` is the last tick handed out, with live words of no boot. */
export function encodeFreshFile(inode: bigint, lastTick: bigint): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(FILE_BYTES);
  file.set(encodeHeader({ version: LAYOUT_VERSION, inode }), Offset.header);
  for (const sequence of [1n, 2n]) {
    const slot = { sequence, limit: lastTick, utcLimitNs: 0n, isCleanStop: true };
    file.set(encodeSlot(slot), slotOffset(sequence));
  }
  return file;
}

function sealed(magic: bigint, fill: (view: DataView) => void): Uint8Array<ArrayBuffer> {
  const sector = new Uint8Array(SECTOR_BYTES);
  const view = new DataView(sector.buffer);
  view.setBigUint64(MAGIC, magic, true);
  fill(view);
  view.setUint32(CHECKSUM, crc32(sector.subarray(0, CHECKSUM)), true);
  return sector;
}

function unsealed(sector: Uint8Array<ArrayBuffer>, magic: bigint): DataView | null {
  if (sector.length !== SECTOR_BYTES) return null;
  const view = new DataView(sector.buffer, sector.byteOffset, SECTOR_BYTES);
  const isWhole = view.getUint32(CHECKSUM, true) === crc32(sector.subarray(0, CHECKSUM));
  return isWhole && view.getBigUint64(MAGIC, true) === magic ? view : null;
}
