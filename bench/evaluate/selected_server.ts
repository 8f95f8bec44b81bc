/**
 * What all single-server baselines share: every server has an estimator of its own, and the one of the best server that
 * tells the truth is believed.
 *
 * @module
 */
import type { Estimator } from "../../daemon/estimate/estimator.ts";
import { type Sample, toSample } from "../../daemon/estimate/sample.ts";
import { rawSecondsSince, type TimeBase } from "../../daemon/estimate/time_base.ts";
import type { Exchange } from "../../daemon/sources/measurement.ts";
import { type CorrectnessInterval, selectTruechimers } from "../../daemon/sources/selection.ts";
import { FREQUENCY_TOLERANCE } from "../../record/interval.ts";
import { Flag } from "../../record/layout.ts";
import type { Timekeeper, TimekeeperPrediction } from "../../sim/world/virtual_daemon.ts";

/** Samples of a server that its interval is the tightest of, as in RFC 5905's clock filter. */
const FILTER_SAMPLES = 8;
/** A server silent for longer has no vote, s. */
const ALIVE_SECONDS = 128;
/** Another server must be nearer by this factor to be followed instead. */
const HYSTERESIS = 1.4;

interface Server {
  readonly source: string;
  readonly estimator: Estimator;
  readonly recent: Sample[];
}

interface Vote extends CorrectnessInterval {
  readonly server: Server;
  readonly halfWidthSeconds: number;
}

/** Follows one server at a time. */
export class SelectedServer implements Timekeeper {
  readonly #base: TimeBase;
  readonly #create: () => Estimator;
  readonly #servers = new Map<string, Server>();
  #followed: Server | null = null;

  /** `create` makes the estimator of one server. */
  constructor(base: TimeBase, create: () => Estimator) {
    this.#base = base;
    this.#create = create;
  }

  /** Hands the exchange to its server's estimator and chooses whom to follow. */
  add(exchange: Exchange): void {
    const sample = toSample(exchange, this.#base);
    const server = this.#serverOf(sample.source);
    server.estimator.add(sample);
    server.recent.push(sample);
    if (server.recent.length > FILTER_SAMPLES) server.recent.shift();
    this.#choose(sample.atSeconds);
  }

  /** Begins anew. */
  disrupt(rawNs: bigint): void {
    const atSeconds = rawSecondsSince(this.#base, rawNs);
    this.#followed = null;
    for (const { estimator, recent } of this.#servers.values()) {
      estimator.disrupt(atSeconds);
      recent.length = 0;
    }
  }

  /** What the followed server's estimator says; its hard bound is the interval of that server alone. */
  predict(rawNs: bigint): TimekeeperPrediction {
    const atSeconds = rawSecondsSince(this.#base, rawNs);
    const estimate = this.#followed?.estimator.estimateAt(atSeconds) ?? null;
    if (this.#followed === null || estimate === null) return nothingKnown(atSeconds);
    const { midpointSeconds, halfWidthSeconds } = voteOf(this.#followed, atSeconds);
    return {
      scale: "raw",
      atSeconds,
      offsetSeconds: estimate.offsetSeconds,
      frequency: estimate.frequency,
      offsetUncertaintySeconds: Math.sqrt(estimate.offsetVariance + estimate.biasVariance),
      driftUncertainty: Math.sqrt(estimate.frequencyVariance),
      maxErrorSeconds: Math.abs(estimate.offsetSeconds - midpointSeconds) + halfWidthSeconds,
      flags: Flag.VALID,
    };
  }

  #serverOf(source: string): Server {
    const known = this.#servers.get(source);
    if (known !== undefined) return known;
    const server = { source, estimator: this.#create(), recent: [] };
    this.#servers.set(source, server);
    return server;
  }

  #choose(atSeconds: number): void {
    const votes = [...this.#servers.values()]
      .filter(({ recent }) => recent.length > 0 && atSeconds - recent.at(-1)!.atSeconds < ALIVE_SECONDS)
      .map((server) => voteOf(server, atSeconds));
    const selection = selectTruechimers(votes);
    const eligible = selection.majority
      ? votes.filter(({ source }) => (selection.survivors as readonly string[]).includes(source))
      : votes;
    const best = eligible.reduce((a, b) => b.halfWidthSeconds < a.halfWidthSeconds ? b : a);
    const current = eligible.find(({ server }) => server === this.#followed);
    const stays = current !== undefined && current.halfWidthSeconds <= HYSTERESIS * best.halfWidthSeconds;
    if (!stays) this.#followed = best.server;
  }
}

function voteOf(server: Server, atSeconds: number): Vote {
  const half = (sample: Sample) =>
    sample.delaySeconds / 2 + sample.rootDistanceSeconds +
    FREQUENCY_TOLERANCE * (atSeconds - sample.atSeconds);
  const best = server.recent.reduce((a, b) => half(b) <= half(a) ? b : a);
  const halfWidthSeconds = half(best);
  return {
    server,
    source: server.source,
    midpointSeconds: best.offsetSeconds,
    halfWidthSeconds,
    lowSeconds: best.offsetSeconds - halfWidthSeconds,
    highSeconds: best.offsetSeconds + halfWidthSeconds,
  };
}

function nothingKnown(atSeconds: number): TimekeeperPrediction {
  return {
    scale: "raw",
    atSeconds,
    offsetSeconds: 0,
    frequency: 0,
    offsetUncertaintySeconds: Infinity,
    driftUncertainty: 0,
    maxErrorSeconds: Infinity,
    flags: 0,
  };
}
