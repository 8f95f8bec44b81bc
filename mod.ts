/**
 * ChronoTick: the corrected time of this machine with honest uncertainty, for any program.
 *
 * ```ts ignore
 * import { ChronoTickClient } from "./mod.ts";
 *
 * using client = new ChronoTickClient();
 * await client.waitUntilReady();
 * const { earliest, latest } = client.now(); // the truth lies between the two
 * const { time, uncertaintySeconds } = client.getTime(); // best estimate and its calibrated sigma
 * ```
 *
 * A ChronoTick daemon must run on the same machine; it needs no root and never touches the system clock.
 *
 * @module
 */
export { ChronoTickClient } from "./client/client.ts";
export type { ClientOptions, WaitUntilOptions, WaitUntilReadyOptions } from "./client/client.ts";
export { type AttachOptions, DEFAULT_SHM_NAME } from "./client/attachment.ts";
export { formatSeconds } from "./client/format.ts";
export { nodeIdentity } from "./client/node_identity.ts";
export type { CorrectedTime } from "./record/corrected_time.ts";
export { agreedInterval, type Agreement } from "./record/agreement.ts";
export {
  ChronoTickError,
  type ChronoTickErrorCode,
  DisruptedError,
  HostileRecordError,
  NoDaemonError,
  NotSynchronizedError,
  StaleRecordError,
  UntrustedSegmentError,
} from "./record/errors.ts";
export {
  compareIntervals,
  FREQUENCY_TOLERANCE,
  intervalAround,
  type IntervalOrder,
  type TimeInterval,
} from "./record/interval.ts";
export type { RecordState, RecordStatus } from "./record/observation.ts";
export {
  CorrectionSource,
  Flag,
  type FlagName,
  flagNames,
  sourceName,
  warmupPercent,
} from "./record/layout.ts";
export type { ChronoTickData } from "./record/record.ts";
export {
  addNs,
  compareUnixTime,
  differenceSeconds,
  fromIsoString,
  fromNs,
  fromSeconds,
  type TimeLike,
  toIsoString,
  toNs,
  toSeconds,
  toUnixTime,
  type UnixTime,
} from "./record/unix_time.ts";
export { LibcError } from "./ffi/errno.ts";
export { PlatformError } from "./ffi/libc.ts";
export type { SegmentAccess } from "./ffi/shared_memory.ts";
