/**
 * The card of a model: what it is, what it was made from, how it did.
 *
 * @module
 */
import { HORIZONS, type ModelRole } from "../daemon/forecast/model_signature.ts";

/** What fit.py tells of a model. */
export interface FitReport {
  /** Instants that it learned from. */
  readonly rows: number;
  /** The mean pinball loss on the last twentieth of them. */
  readonly quantile_loss: number;
  /** For each horizon there: mean absolute error with the model over that without it. */
  readonly error_ratio: readonly number[];
  /** For each horizon there: how often the 95 % interval held. */
  readonly coverage_95: readonly number[];
  /** What it answers to the question of reference. */
  readonly reference: readonly number[];
}

const TITLES: Record<ModelRole, string> = {
  short_term: "The short-term model",
  long_term: "The long-term model",
};

/** The card in Markdown. */
export function modelCard(role: ModelRole, report: FitReport, sha256: string, bytes: number): string {
  const rows = HORIZONS[role].map((horizon, i) =>
    `| ${horizon} s | ${report.error_ratio[i]?.toFixed(3)} | ${report.coverage_95[i]?.toFixed(3)} |`
  );
  return `# ${TITLES[role]}

\`${role}.onnx\`, ${bytes} bytes, SHA-256 \`${sha256}\`. Made by \`deno task train\`; this card too.

**What it does.** From the residuals that the filter left, and from what the filter thinks of itself, it gives nine quantiles
of what the truth will have on top of the filter's estimate, for each horizon. It looks at the samples through fifteen
windows, which reach back more or less far and trust queueing more or less: the mean of the residuals in each, the lines
through them, their scatter. A multilayer perceptron weighs those up; its quantiles are sums of softplus and cannot cross.
What goes in and what comes out is in [docs/models.md](../docs/models.md); the features are written in
[features.ts](../daemon/forecast/features.ts) and nowhere else.

**What it learned from.** ${report.rows} instants in simulated traces: named scenarios and worlds drawn at random
([training_world.ts](training_world.ts)), of seeds below 1000 only, with the daemon's own estimator in virtual time. No
real trace was used. What nobody can see from one end, the asymmetry of a path, was taken out first: the median of each
trace's errors. Errors count in units of what they wander by in their trace, or of the filter's sigma where that is larger.

**How it did** on the last twentieth of these worlds, which it did not learn from: mean pinball loss ${report.quantile_loss}.

| ahead | error, with the model / without | 95 % interval held |
|---|---|---|
${rows.join("\n")}

These are worlds of the kind that it knows, unclamped. What it does for what is
published stands in [docs/models.md](../docs/models.md).

**What it cannot do.** It knows oscillators and networks as the simulator draws them, and the residuals of the estimator of
its day: train it again when the estimator changes. The daemon holds it within one sigma of the filter.
`;
}
