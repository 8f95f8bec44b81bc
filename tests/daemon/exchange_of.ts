import type { Exchange } from "../../daemon/sources/measurement.ts";

/** The zero of these exchanges: 2026-05-04T00:00:00Z, at some raw instant. */
export const BASE = { rawNs: 7_000_000_000_000n, utcNs: 1_777_852_800_000_000_000n };

/** An exchange in terms of what it is to say. */
export interface ExchangeDescription
  extends Partial<Omit<Exchange, "t1RawNs" | "t2UtcNs" | "t3UtcNs" | "t4RawNs">> {
  /** When the answer came, raw s since the base. */
  readonly atSeconds: number;
  /** UTC − raw that the server sees, relative to the base, s. 0 unless given. */
  readonly offsetSeconds?: number;
  /** Round trip, s, the same both ways; 1 ms unless given. */
  readonly delaySeconds?: number;
}

/** An exchange with a stratum-1 server that claims to be perfect. */
export function exchangeOf(description: ExchangeDescription): Exchange {
  const { atSeconds, offsetSeconds = 0, delaySeconds = 1e-3, ...fields } = description;
  const halfwayNs = ns(atSeconds - delaySeconds / 2);
  const serverUtcNs = BASE.utcNs + halfwayNs + ns(offsetSeconds);
  return {
    source: "a|192.0.2.1:123",
    t1RawNs: BASE.rawNs + ns(atSeconds - delaySeconds),
    t2UtcNs: serverUtcNs,
    t3UtcNs: serverUtcNs,
    t4RawNs: BASE.rawNs + ns(atSeconds),
    stratum: 1,
    leap: 0,
    rootDelaySeconds: 0,
    rootDispersionSeconds: 0,
    precisionSeconds: 0,
    ...fields,
  };
}

/** The raw instant `atSeconds` after the base. */
export function rawNsAt(atSeconds: number): bigint {
  return BASE.rawNs + ns(atSeconds);
}

function ns(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1e9));
}
