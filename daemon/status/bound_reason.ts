/**
 * One sentence that says why the hard bound is what it is.
 *
 * @module
 */
import { FREQUENCY_TOLERANCE } from "../../record/interval.ts";
import { type DisruptionReason, disruptionText } from "../disruption.ts";
import { durationText } from "./duration_text.ts";

/** The server whose word ends the bound on its wider side, and what that word is made of; the parts add up. */
export interface BoundEdge {
  readonly source: string;
  /** Whether it says how late it can be at most, or how early. */
  readonly side: "latest" | "earliest";
  /** Half the round trip of its best answer, s. */
  readonly halfRoundTripSeconds: number;
  /** What that answer may be off besides: the server's own distance to its reference, s. */
  readonly rootDistanceSeconds: number;
  /** How old that answer is, s. */
  readonly ageSeconds: number;
  /** What the oscillator may have drifted since, s. */
  readonly driftSeconds: number;
  /** How far beyond the published time, on that side, the middle of its word lies, s; may be negative. */
  readonly displacementSeconds: number;
}

/** What the bound rests on. */
export type BoundFacts =
  /** On nothing, until the clock has been measured anew. */
  | { readonly kind: "disrupted"; readonly reason: DisruptionReason | null }
  /** On nothing: nobody has answered, and nobody vouches for the kernel's clock. */
  | { readonly kind: "nothing"; readonly sources: number }
  /** On what the kernel says of its own clock. */
  | { readonly kind: "kernel"; readonly maxErrorSeconds: number; readonly sources: number }
  /** On the servers. */
  | {
    readonly kind: "servers";
    readonly maxErrorSeconds: number;
    /** Servers that have a say. */
    readonly voters: number;
    /** Sources that are configured. */
    readonly sources: number;
    /** False when they contradict each other beyond repair. */
    readonly agreed: boolean;
    /** Whether so many have spoken that a liar among them is outvoted. */
    readonly isSettled: boolean;
    /** For how long nobody has answered, s; null when they do. */
    readonly silentSeconds: number | null;
    /** A leap second makes the time ambiguous now. */
    readonly isLeaping: boolean;
    readonly edge: BoundEdge;
  };

/** The sentence, for an operator. */
export function boundReason(facts: BoundFacts): string {
  switch (facts.kind) {
    case "disrupted":
      return `There is no bound: ${disruptedText(facts.reason)}; servers are being asked anew.`;
    case "nothing":
      return facts.sources === 0
        ? "There is no bound: no source is configured, and nobody disciplines the system clock."
        : `There is no bound: none of ${sourcesText(facts.sources)} has answered yet, ` +
          "and nobody disciplines the system clock.";
    case "kernel":
      return `The bound of ± ${durationText(facts.maxErrorSeconds)} is the kernel's own (adjtimex), since ${
        facts.sources === 0
          ? "no source is configured"
          : `none of ${sourcesText(facts.sources)} gives a better one`
      }.`;
    case "servers":
      return serversReason(facts);
  }
}

type ServerFacts = Extract<BoundFacts, { kind: "servers" }>;

function serversReason(facts: ServerFacts): string {
  const remarks = [
    edgeText(facts.edge, facts.voters),
    facts.isLeaping ? "a leap second makes the time ambiguous by 1 s" : null,
    facts.silentSeconds === null
      ? null
      : `nobody has answered for ${durationText(facts.silentSeconds)}, so it grows by ${
        durationText(FREQUENCY_TOLERANCE)
      } a second until somebody does`,
    facts.agreed
      ? null
      : `the ${facts.voters} servers contradict each other and nobody can tell who is right, ` +
        "so it holds whatever any of them says",
    facts.isSettled
      ? null
      : `only ${facts.voters} of ${sourcesText(facts.sources)} ${
        facts.voters === 1 ? "has" : "have"
      } spoken, so it is not to be relied upon yet`,
  ].filter((remark) => remark !== null);
  return `The bound is ± ${durationText(facts.maxErrorSeconds)}: ${remarks.join("; ")}.`;
}

function edgeText({ source, side, ...parts }: BoundEdge, voters: number): string {
  const whose = voters === 1 ? `${source} alone says` : `of ${voters} servers, ${source} says`;
  const listed = [
    [parts.halfRoundTripSeconds, `half its round trip ${durationText(parts.halfRoundTripSeconds)}`],
    [parts.rootDistanceSeconds, `its own root distance ${durationText(parts.rootDistanceSeconds)}`],
    [
      parts.driftSeconds,
      `${durationText(parts.driftSeconds)} for the ${durationText(parts.ageSeconds)} since that answer`,
    ],
    [
      parts.displacementSeconds,
      `${durationText(Math.abs(parts.displacementSeconds))} ${
        parts.displacementSeconds < 0 ? "less" : "more"
      } because its middle lies off the published time`,
    ],
  ] as const;
  // The largest part first: it is what the reader asks for.
  const ordered = listed.toSorted(([a], [b]) => Math.abs(b) - Math.abs(a)).map(([, text]) => text);
  const what = side === "latest" ? "late" : "early";
  return `${whose} how ${what} it can be at most (${ordered.join(", ")})`;
}

function disruptedText(reason: DisruptionReason | null): string {
  if (reason === null) return "the clock was disrupted";
  const sentence = disruptionText(reason).replace(/: measuring anew\.$/, "");
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function sourcesText(count: number): string {
  return count === 1 ? "1 source" : `${count} sources`;
}
