/**
 * All tools, in the order in which a client lists them.
 *
 * @module
 */
import type { Tool } from "../tool.ts";
import { compareTimes } from "./compare_times.ts";
import { getDaemonStatus } from "./get_daemon_status.ts";
import { getTime } from "./get_time.ts";
import { getTimeBounds } from "./get_time_bounds.ts";
import { getTimeWithFutureUncertainty } from "./get_time_with_future_uncertainty.ts";
import { nextTick } from "./next_tick.ts";
import { scheduleAction } from "./schedule_action.ts";
import { stampEvent } from "./stamp_event.ts";
import { synchronizeWithPeers } from "./synchronize_with_peers.ts";
import { waitUntilTime } from "./wait_until_time.ts";

/** Every tool that there is. */
export const TOOLS: readonly Tool[] = [
  getTime,
  getDaemonStatus,
  getTimeWithFutureUncertainty,
  scheduleAction,
  synchronizeWithPeers,
  getTimeBounds,
  waitUntilTime,
  compareTimes,
  nextTick,
  stampEvent,
];
