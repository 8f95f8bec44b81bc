/**
 * The durable tick counter and Phi timestamps: in what order things happened, without any uncertainty.
 *
 * @module
 */
export { AGENT_ID, checkAgentId } from "./agent_id.ts";
export type { StampedTick, TickAuthority } from "./authority.ts";
export { TickError, type TickErrorCode } from "./errors.ts";
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
