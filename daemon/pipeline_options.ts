/**
 * What the pipeline needs, from what the user configured.
 *
 * @module
 */
import type { Config } from "./config.ts";
import type { PipelineOptions } from "./pipeline.ts";
import { addressScope } from "./sources/address_scope.ts";
import { PUBLIC_FLOOR_SECONDS } from "./sources/poll_schedule.ts";

/** Polls without any answer until the last measurement counts as held over. */
const HOLDOVER_POLLS = 4;

/** `otherSources`: how many there are besides the configured servers. */
export function pipelineOptions(config: Config, otherSources: number): PipelineOptions {
  const { ntp, models } = config;
  const mayBePublic = ntp.servers.some(({ host }) => addressScope(host) !== "private");
  const slowestPoll = Math.max(ntp.intervalSeconds, mayBePublic ? PUBLIC_FLOOR_SECONDS : 0);
  return {
    warmupSeconds: ntp.warmup.durationSeconds,
    holdoverAfterSeconds: HOLDOVER_POLLS * slowestPoll + ntp.timeoutSeconds,
    horizonSeconds: models.longTerm.horizonSeconds,
    maxUncertaintySeconds: ntp.maxUncertaintyMs / 1000,
    sources: ntp.servers.length + otherSources,
    settleSeconds: ntp.timeoutSeconds,
    retrospective: config.retrospective.method,
  };
}
