import type { DisruptionReason } from "../../../../daemon/disruption.ts";
import type { Exchange } from "../../../../daemon/sources/measurement.ts";
import type { Timekeeper, TimekeeperPrediction } from "../../../../sim/world/virtual_daemon.ts";

/** Knows nothing and remembers what it was told, in raw ns. */
export class RecordingKeeper implements Timekeeper {
  readonly exchanges: Exchange[] = [];
  readonly disruptions: {
    readonly rawNs: bigint;
    readonly count: number;
    readonly reason: DisruptionReason;
  }[] = [];

  add(exchange: Exchange): void {
    this.exchanges.push(exchange);
  }

  disrupt(rawNs: bigint, count: number, reason: DisruptionReason): void {
    this.disruptions.push({ rawNs, count, reason });
  }

  predict(): TimekeeperPrediction {
    return {
      scale: "realtime",
      atSeconds: 0,
      offsetSeconds: 0,
      frequency: 0,
      offsetUncertaintySeconds: 1,
      driftUncertainty: 0,
      maxErrorSeconds: Infinity,
      flags: 0,
    };
  }
}
