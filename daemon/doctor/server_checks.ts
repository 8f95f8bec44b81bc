/**
 * Whether time servers answer from here.
 *
 * @module
 */
import { readClockPair } from "../../ffi/clocks.ts";
import type { ServerAddress } from "../server_address.ts";
import { AddressBook } from "../sources/address_book.ts";
import type { Exchange } from "../sources/measurement.ts";
import { NameResolver } from "../sources/name_resolver.ts";
import type { ExchangeOutcome, FailedReason } from "../sources/ntp_exchange.ts";
import { FAILED_TEXT } from "../sources/outcome_text.ts";
import { SYSTEM } from "../sources/server_pool.ts";
import type { PoolDependencies } from "../sources/server_slot.ts";
import { durationText } from "../status/duration_text.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";

/** Addresses of one name that are asked until one answers. */
const MAX_ADDRESSES = 3;
/** So many are needed to outvote one that lies. */
const ENOUGH_SERVERS = 3;

const REMEDIES: Partial<Readonly<Record<FailedReason, string>>> = {
  timeout: "Let UDP port 123 out through the firewall, or name servers of this network in ntp.servers.",
  refused: "Check the server's port, or name another server in ntp.servers.",
  unreachable: "Give this machine a route there, or name servers of this network in ntp.servers.",
};
const OTHER_REMEDY = "Name another server in ntp.servers.";

/** Asks every server once, and judges whether they are enough. */
export async function checkServers(
  servers: readonly ServerAddress[],
  timeoutMs: number,
  world: PoolDependencies = SYSTEM,
): Promise<Finding[]> {
  const book = new AddressBook();
  const findings = await Promise.all(servers.map((server) => checkServer(server, timeoutMs, book, world)));
  return [...findings, judgeTogether(findings)];
}

async function checkServer(
  server: ServerAddress,
  timeoutMs: number,
  book: AddressBook,
  world: PoolDependencies,
): Promise<Finding> {
  const check = `server ${server.text}`;
  const resolver = new NameResolver(server, book, world);
  const candidates = await resolver.candidates();
  let last: ExchangeOutcome | null = null;
  for (const { identity } of candidates.slice(0, MAX_ADDRESSES)) {
    last = await world.exchange({ source: identity.source, address: identity.address, timeoutMs });
    if (last.kind === "measured") {
      return ok(check, answerText(last.exchange, server, identity.address.hostname));
    }
  }
  if (last?.kind === "kiss") return warning(check, `refuses to answer (${last.code})`, OTHER_REMEDY);
  if (last?.kind === "failed") {
    return warning(check, FAILED_TEXT[last.reason], REMEDIES[last.reason] ?? OTHER_REMEDY);
  }
  return warning(
    check,
    resolver.failure?.replace(/\.$/, "") ?? "it has no address that may be asked",
    "Check the resolver (/etc/resolv.conf), or give the server's address.",
  );
}

function answerText(exchange: Exchange, { host }: ServerAddress, hostname: string): string {
  const { t1RawNs, t2UtcNs, t3UtcNs, t4RawNs, stratum } = exchange;
  const { rawNs, realtimeNs } = readClockPair();
  const roundTripSeconds = Number(t4RawNs - t1RawNs - (t3UtcNs - t2UtcNs)) / 1e9;
  const systemNs = (t1RawNs + t4RawNs) / 2n + (realtimeNs - rawNs);
  const aheadSeconds = Number((t2UtcNs + t3UtcNs) / 2n - systemNs) / 1e9;
  const at = host === hostname ? "" : ` at ${hostname}`;
  return `answers${at}: round trip ${durationText(roundTripSeconds)}, stratum ${stratum}, ` +
    `${durationText(Math.abs(aheadSeconds))} ${aheadSeconds < 0 ? "behind" : "ahead of"} the system clock`;
}

function judgeTogether(findings: readonly Finding[]): Finding {
  const answers = findings.filter(({ verdict }) => verdict === "ok").length;
  const found = `${answers} of ${findings.length} servers answer`;
  if (answers >= ENOUGH_SERVERS) return ok("time servers", found);
  if (answers > 0) {
    return warning(
      "time servers",
      `${found}, too few to outvote one that lies`,
      `Name at least ${ENOUGH_SERVERS} in ntp.servers.`,
    );
  }
  if (findings.length === 0) {
    return warning(
      "time servers",
      "none is configured: the PTP clock or the system clock has to do",
      "Name some in ntp.servers.",
    );
  }
  return failed("time servers", found, "See what stands with each of them.");
}
