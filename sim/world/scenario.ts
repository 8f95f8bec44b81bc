/**
 * What a world is made of, as data.
 *
 * @module
 */
import type { AddressScope } from "../../daemon/sources/address_scope.ts";
import type { RouteChange } from "./detour.ts";
import type { MachineIncident } from "./machine.ts";
import type { OscillatorParameters } from "./oscillator.ts";
import type { Liar, RateLimit, Refusal, ServerParameters } from "./server.ts";
import type { NetworkParameters } from "./server_path.ts";
import type { SteeringHabits } from "./system_clocks.ts";

/** A family of traces: what they have in common. What differs between them is drawn from their seeds. */
export interface Scenario {
  /** In one line. */
  readonly summary: string;
  /** Of CLOCK_MONOTONIC_RAW. */
  readonly durationSeconds: number;
  readonly oscillator: OscillatorParameters;
  readonly network: NetworkParameters;
  readonly server: ServerParameters;
  readonly serverCount: number;
  /** Whose the servers are, which decides how often they may be asked. */
  readonly scope: AddressScope;
  readonly machine?: readonly MachineIncident[];
  /** Whether the hypervisor tells of migrations and restores through a VMClock device; few do. */
  readonly hasVmClock?: boolean;
  readonly routes?: readonly RouteChange[];
  readonly liars?: readonly Liar[];
  readonly refusals?: readonly Refusal[];
  readonly rateLimits?: readonly RateLimit[];
  /** Another daemon that steers CLOCK_REALTIME; none unless given. */
  readonly steering?: SteeringHabits;
}
