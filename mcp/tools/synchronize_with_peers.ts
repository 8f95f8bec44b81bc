import { z } from "zod";
import {
  type ChronoTickClient,
  differenceSeconds,
  formatSeconds,
  intervalAround,
  type TimeInterval,
  toIsoString,
  toSeconds,
  type UnixTime,
} from "../../mod.ts";
import { instant, NUMBER_STEP_SECONDS } from "../instant.ts";
import { MAX_KNOWN_NODES } from "../node.ts";
import { type PairOrder, pairOrders, type PeerTime } from "../peers/pair_order.ts";
import { type Synchronization, synchronize } from "../peers/synchronization.ts";
import { Refusal } from "../refusal.ts";
import { defineTool, type Tool } from "../tool.ts";

/** More pairs than these give are not read by any model. */
const MAX_PEERS = 32;
const MAX_ID_LENGTH = 128;
const MAX_UNCERTAINTY_SECONDS = 86_400;
const MAX_SPREAD_SECONDS = 3600;
const MIN_LEAD_SECONDS = 0.1;
const MAX_LEAD_SECONDS = 3600;
const DEFAULT_LEAD_SECONDS = 10;
/** Nobody lives to see so many events; leaves room to count on above what a hostile peer claims. */
const MAX_EVENTS = 2 ** 48;

const nodeName = z.string().min(1).max(MAX_ID_LENGTH);
const order = z.enum(["before", "after", "concurrent"]);

const peerTime = z.object({
  id: nodeName.describe("The peer's name: node_id of its get_time"),
  time: instant.describe("What its clock read: iso or corrected_time of its get_time"),
  uncertainty: z.number().min(0).max(MAX_UNCERTAINTY_SECONDS).describe(
    "Half-width in which the truth certainly lies, s: max_error of its get_time, not time_uncertainty",
  ),
  vector_clock: z.record(nodeName, z.number().int().min(0).max(MAX_EVENTS)).optional().describe(
    "The peer's vector clock: vector_clock of its last synchronize_with_peers",
  ),
});

/** What peers' clocks agree on. */
export const synchronizeWithPeers: Tool = defineTool({
  name: "synchronize_with_peers",
  title: "Synchronize with peers",
  description:
    "Takes clock readings of several agents or machines, taken at about the same moment, and gives the interval that " +
    "a majority agrees on, the peers that disagree, the order of each pair, and an instant ahead that all can meet. " +
    "Use it before a coordinated action, with what each peer's get_time said, your own included. Every peer that " +
    "calls it with the same readings gets the same instant; then let each call wait_until_time with it.",
  input: {
    peer_times: z.array(peerTime).min(1).max(MAX_PEERS),
    taken_within_seconds: z.number().min(0).max(MAX_SPREAD_SECONDS).default(0).describe(
      "All readings were taken within so many seconds of each other: what they may differ without a fault",
    ),
    lead_seconds: z.number().min(MIN_LEAD_SECONDS).max(MAX_LEAD_SECONDS).default(DEFAULT_LEAD_SECONDS)
      .describe(
        "How long it takes at most until every peer knows the instant to meet at",
      ),
  },
  output: {
    agreed_earliest: z.string().describe(
      "The agreed interval, ISO 8601; null: no majority agrees",
    ).nullable(),
    agreed_latest: z.string().describe("Its other end").nullable(),
    agreeing_peers: z.array(z.string()),
    disagreeing_peers: z.array(z.string()).describe(
      "Peers whose clocks are wrong, if most are right; all of them when no majority agrees",
    ),
    pairs: z.array(z.object({
      a: z.string(),
      b: z.string(),
      by_interval: order.describe("How a's reading lies to b's, by their bounds"),
      by_vector_clock: order.describe("The same by what they knew of each other; null: not given").nullable(),
      contradicts: z.boolean().describe(
        "The clocks have an effect before its cause: one of the two is wrong",
      ),
    })),
    sync_point: z.number().describe(
      "The instant to meet at, Unix seconds; null: no majority agrees",
    ).nullable(),
    sync_point_iso: z.string().describe("The same, ISO 8601").nullable(),
    seconds_until_sync_point: z.number().describe("At least so long from now by this clock, s").nullable(),
    node_id: z.string().describe("This machine's name among its peers"),
    vector_clock: z.record(z.string(), z.number().int()).describe(
      "This node's merged vector clock, to pass on",
    ),
  },
  nature: { isReadOnly: false, isIdempotent: false },
  answer({ peer_times, taken_within_seconds, lead_seconds }, { session: { node } }) {
    const readings = peer_times.map(({ id, time, uncertainty, vector_clock }): PeerTime => ({
      id,
      interval: intervalAround(time, uncertainty + NUMBER_STEP_SECONDS / 2),
      vectorClock: vector_clock === undefined ? null : new Map(Object.entries(vector_clock)),
    }));
    requireDistinct(readings);
    const outcome = synchronize(
      readings.map((peer) => widened(peer, taken_within_seconds / 2)),
      lead_seconds,
    );
    const secondsUntil = outcome.point && secondsUntilMeeting(node.clock, outcome.point, lead_seconds);
    const vectorClock = node.hear(readings.flatMap((peer) => peer.vectorClock ?? []));
    if (vectorClock === null) throw tooManyNodesRefusal();
    const pairs = pairOrders(readings);
    return {
      sentence: sentence(outcome, pairs, readings.length),
      result: {
        agreed_earliest: outcome.agreement && toIsoString(outcome.agreement.earliest),
        agreed_latest: outcome.agreement && toIsoString(outcome.agreement.latest),
        agreeing_peers: readings.map(({ id }) => id).filter((id) => !outcome.disagreeing.includes(id)),
        disagreeing_peers: outcome.disagreeing,
        pairs: pairs.map(({ a, b, byInterval, byVectorClock, contradicts }) => ({
          a,
          b,
          by_interval: byInterval,
          by_vector_clock: byVectorClock,
          contradicts,
        })),
        sync_point: outcome.point && toSeconds(outcome.point),
        sync_point_iso: outcome.point && toIsoString(outcome.point),
        seconds_until_sync_point: secondsUntil,
        node_id: node.id,
        vector_clock: Object.fromEntries(vectorClock),
      },
    };
  },
});

function widened(peer: PeerTime, bySeconds: number): PeerTime {
  const interval: TimeInterval = {
    earliest: intervalAround(peer.interval.earliest, bySeconds).earliest,
    latest: intervalAround(peer.interval.latest, bySeconds).latest,
  };
  return { ...peer, interval };
}

/** At least so long until `point` by this clock; readings that are too old leave the peers no time to hear of it. */
function secondsUntilMeeting(clock: ChronoTickClient, point: UnixTime, leadSeconds: number): number {
  const seconds = differenceSeconds(point, clock.now().latest);
  if (seconds >= leadSeconds / 2) return seconds;
  throw new Refusal(
    `Cannot find an instant to meet at: the readings are old, ${
      toIsoString(point)
    } leaves too little time. Take new readings, or give a longer lead_seconds.`,
  );
}

function requireDistinct(peers: readonly PeerTime[]): void {
  const twice = peers.find(({ id }, index) => peers.findIndex((peer) => peer.id === id) !== index);
  if (twice === undefined) return;
  throw new Refusal(
    `Cannot synchronize: ${JSON.stringify(twice.id)} is there twice. Give one reading of each peer.`,
  );
}

function tooManyNodesRefusal(): Refusal {
  return new Refusal(
    `Cannot take in the vector clocks: they name more than ${MAX_KNOWN_NODES} nodes. Leave out those that take no part.`,
  );
}

function sentence(
  { agreement, disagreeing, point }: Synchronization,
  pairs: readonly PairOrder[],
  count: number,
): string {
  if (agreement === null || point === null) {
    return `No majority of the ${count} peers agrees on a time, so nobody can tell which of them are wrong.`;
  }
  const width = formatSeconds(differenceSeconds(agreement.latest, agreement.earliest) / 2);
  const liars = disagreeing.length === 0
    ? ""
    : `; ${disagreeing.join(", ")} disagree${disagreeing.length === 1 ? "s" : ""}`;
  const contradictions = pairs.filter(({ contradicts }) => contradicts).map(({ a, b }) => `${a} and ${b}`);
  const causes = contradictions.length === 0
    ? ""
    : `; clocks contradict causes between ${contradictions.join(", ")}`;
  return `${agreement.count} of ${count} peers agree on the time within ± ${width}${liars}${causes}; all can meet at ${
    toIsoString(point)
  }.`;
}
