/**
 * The durable tick counter and Phi timestamps: in what order things happened, without any uncertainty.
 *
 * @module
 */
export type { StampedTick, TickAuthority } from "./authority.ts";
