/**
 * What the server pool needs, from what the user configured.
 *
 * @module
 */
import type { Config } from "./config.ts";
import type { PoolSettings } from "./sources/server_pool.ts";

/** `warmupFromRawNs`: since when the warm-up counts. */
export function poolSettings({ ntp }: Config, warmupFromRawNs: bigint): PoolSettings {
  return {
    servers: ntp.servers.map(({ text }) => text),
    timeoutMs: ntp.timeoutSeconds * 1000,
    schedule: {
      warmupUntilRawSeconds: Number(warmupFromRawNs) / 1e9 + ntp.warmup.durationSeconds,
      warmupIntervalSeconds: ntp.warmup.intervalSeconds,
      intervalSeconds: ntp.intervalSeconds,
    },
  };
}
