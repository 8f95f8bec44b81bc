import type { Exchange } from "../../../../daemon/sources/measurement.ts";
import type { ExchangeOutcome, FailedReason } from "../../../../daemon/sources/ntp_exchange.ts";

/** A plausible exchange; what its timestamps say does not matter to a schedule. */
export function measured(source = "ntp.example|192.0.2.1:123"): ExchangeOutcome {
  const exchange: Exchange = {
    source,
    t1RawNs: 1_000_000_000n,
    t2UtcNs: 1_700_000_000_000_000_000n,
    t3UtcNs: 1_700_000_000_000_010_000n,
    t4RawNs: 1_001_000_000n,
    stratum: 2,
    leap: 0,
    rootDelaySeconds: 0.001,
    rootDispersionSeconds: 0.001,
    precisionSeconds: 2 ** -20,
  };
  return { kind: "measured", exchange, ignored: new Map() };
}

/** A kiss-o'-death. */
export function kiss(code: string): ExchangeOutcome {
  return { kind: "kiss", code, ignored: new Map() };
}

/** An exchange without result. */
export function failed(reason: FailedReason): ExchangeOutcome {
  return { kind: "failed", reason, detail: null, ignored: new Map() };
}
