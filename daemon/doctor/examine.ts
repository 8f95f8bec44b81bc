/**
 * All that the doctor looks at.
 *
 * @module
 */
import type { Environment } from "../../record/status_socket.ts";
import { type Config, segmentOf } from "../config.ts";
import { checkClocksource, checkLibrary, checkPtpClock, checkSystemClock } from "./clock_checks.ts";
import { failed, type Finding } from "./finding.ts";
import {
  checkKernelStamps,
  checkRecord,
  checkSharedMemory,
  checkStateFolder,
  checkStatusSocket,
} from "./machine_checks.ts";
import { checkServers } from "./server_checks.ts";

const MS_PER_SECOND = 1000;

/** Runs every check; one that cannot be made says so instead. `told` hears of each finding as it comes. */
export async function examine(
  config: Config,
  environment: Environment,
  told: (finding: Finding) => void,
): Promise<Finding[]> {
  const segment = segmentOf(config);
  const checks: Readonly<Record<string, () => Finding | Promise<Finding[]>>> = {
    "C library": checkLibrary,
    "shared memory": () => checkSharedMemory(segment),
    "record": () => checkRecord(segment),
    "clocksource": checkClocksource,
    "system clock": () => checkSystemClock(),
    "PTP clock": () => checkPtpClock(config.phc.device, config.phc.taiOffsetSeconds),
    "kernel stamps": checkKernelStamps,
    "state": () => checkStateFolder(environment),
    "status socket": () => checkStatusSocket(config.status.socketPath, segment, environment),
    "time servers": () => checkServers(config.ntp.servers, config.ntp.timeoutSeconds * MS_PER_SECOND),
  };
  const findings: Finding[] = [];
  for (const [name, check] of Object.entries(checks)) {
    for (const finding of [await attempt(name, check)].flat()) {
      findings.push(finding);
      told(finding);
    }
  }
  return findings;
}

async function attempt(
  name: string,
  check: () => Finding | Promise<Finding[]>,
): Promise<Finding | Finding[]> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const remedy = error instanceof Deno.errors.NotCapable
      ? "Give Deno the permission, as deno task doctor does."
      : "See what the message says; the daemon would meet the same.";
    return failed(name, error.message.replace(/\.$/, ""), remedy);
  }
}
