/**
 * The durable tick counter and Phi timestamps: in what order things happened, without any uncertainty.
 *
 * @module
 */
export { AGENT_ID, checkAgentId } from "./agent_id.ts";
export type { StampedTick, TickAuthority } from "./authority.ts";
export { MAX_COUNT } from "./check_demand.ts";
export { ChronosClock, type ChronosClockOptions } from "./chronos_clock.ts";
export { createCounter, resetCounter } from "./create_counter.ts";
export { TICK_ERROR_CODES, TickError, type TickErrorCode } from "./errors.ts";
export { EtcdAuthority, type EtcdAuthorityOptions } from "./etcd_authority.ts";
export type { EventToLog } from "./event_recorder.ts";
export { LocalAuthority } from "./local_authority.ts";
export { type AuthorityChoice, openAuthority } from "./open_authority.ts";
export { PhiGenerator } from "./phi_generator.ts";
export { type PhiEvent, phiToJson } from "./phi_json.ts";
export { MAX_DETAILS_CHARS, MAX_LABEL_CHARS, PhiLogEntry } from "./phi_log_entry.ts";
export {
  comparePhi,
  formatPhi,
  formatUtc,
  MAX_UTC_NS,
  parsePhi,
  type PhiTimestamp,
} from "./phi_timestamp.ts";
export { LAST_TICK } from "./reservation.ts";
export { SocketAuthority } from "./socket_authority.ts";
export { socketPath } from "./socket_path.ts";
export { type Environment, stateFolder } from "./state_folder.ts";
export { type CounterOptions, DEFAULT_BLOCK_TICKS } from "./tick_counter.ts";
export type { BootId } from "./boot_id.ts";
export { UtcClock, type UtcReading } from "./utc_clock.ts";
