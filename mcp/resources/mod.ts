/**
 * All resources, in the order in which a client lists them.
 *
 * @module
 */
import type { Resource } from "../resource.ts";
import { actionsResource } from "./actions.ts";
import { guideResource } from "./guide.ts";
import { statusResource } from "./status.ts";
import { tickResource } from "./tick.ts";
import { timeResource } from "./time.ts";

/** Every resource that there is. */
export const RESOURCES: readonly Resource[] = [
  timeResource,
  statusResource,
  actionsResource,
  tickResource,
  guideResource,
];
