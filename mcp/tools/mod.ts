/**
 * All tools, in the order in which a client lists them.
 *
 * @module
 */
import type { Tool } from "../tool.ts";
import { getDaemonStatus } from "./get_daemon_status.ts";
import { getTime } from "./get_time.ts";

/** Every tool that there is. */
export const TOOLS: readonly Tool[] = [getTime, getDaemonStatus];
