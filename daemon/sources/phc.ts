/**
 * PTP hardware clocks (`/dev/ptp*`), where they can be read: the best source a machine can have.
 *
 * @module
 */
import { Clock, type ClockId, nowNs } from "../../ffi/clocks.ts";
import { LibcError } from "../../ffi/errno.ts";
import { FileDescriptor, listFolder } from "../../ffi/files.ts";
import type { Exchange } from "./measurement.ts";

/** Where the devices are. */
export const PTP_FOLDER = "/dev";
/** What they are called. */
export const PTP_DEVICE = /^ptp\d+$/;
const READING_ATTEMPTS = 8;
/** A PHC says nothing of its own error; what steers one (ptp4l, a hypervisor) keeps it well within this, s. */
const PHC_DISPERSION_SECONDS = 1e-6;
const NANOSECOND = 1e-9;

/** Names of sources that are PHCs begin so. */
export const PHC_SOURCE_PREFIX = "phc:";

/** An open PTP hardware clock. */
export class Phc implements Disposable {
  readonly #file: FileDescriptor;
  readonly #taiOffsetNs: bigint;
  readonly #read: (clock: ClockId) => bigint;
  /** `/dev/ptpN` */
  readonly device: string;

  private constructor(device: string, file: FileDescriptor, taiOffsetSeconds: number, read: typeof nowNs) {
    this.device = device;
    this.#file = file;
    this.#taiOffsetNs = BigInt(taiOffsetSeconds) * 1_000_000_000n;
    this.#read = read;
  }

  /**
   * Opens one device.
   *
   * @param taiOffsetSeconds what the clock is ahead of UTC (37 for TAI, 0 for a PHC that runs UTC)
   * @throws {LibcError} it does not exist, may not be read, or is no clock
   */
  static open(device: string, taiOffsetSeconds: number, read: (clock: ClockId) => bigint = nowNs): Phc {
    const file = FileDescriptor.open(device);
    const phc = new Phc(device, file, taiOffsetSeconds, read);
    try {
      phc.measure();
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
    return phc;
  }

  /** The first `/dev/ptp*` that can be read; null when there is none. */
  static openFirst(taiOffsetSeconds: number): Phc | null {
    for (const name of listFolder(PTP_FOLDER).filter((name) => PTP_DEVICE.test(name)).sort()) {
      try {
        return Phc.open(`${PTP_FOLDER}/${name}`, taiOffsetSeconds);
      } catch (error) {
        if (!(error instanceof LibcError)) throw error;
      }
    }
    return null;
  }

  /** One reading between two of CLOCK_MONOTONIC_RAW, the tightest of a few, as an exchange without a network. */
  measure(): Exchange {
    const clock = clockIdOf(this.#file);
    let best: Exchange | undefined;
    for (let attempt = 0; attempt < READING_ATTEMPTS; attempt++) {
      const t1RawNs = this.#read(Clock.MONOTONIC_RAW);
      const utcNs = this.#read(clock) - this.#taiOffsetNs;
      const t4RawNs = this.#read(Clock.MONOTONIC_RAW);
      if (best !== undefined && t4RawNs - t1RawNs >= best.t4RawNs - best.t1RawNs) continue;
      best = {
        source: PHC_SOURCE_PREFIX + this.device,
        t1RawNs,
        t2UtcNs: utcNs,
        t3UtcNs: utcNs,
        t4RawNs,
        stratum: 0,
        leap: 0,
        rootDelaySeconds: 0,
        rootDispersionSeconds: PHC_DISPERSION_SECONDS,
        precisionSeconds: NANOSECOND,
      };
    }
    return best!;
  }

  /** Closes the device. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

/** The dynamic clock of an open device (`FD_TO_CLOCKID` of `clock_gettime(2)`). */
function clockIdOf(file: FileDescriptor): ClockId {
  return (~file.value << 3) | 3;
}
