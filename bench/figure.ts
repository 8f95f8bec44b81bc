/**
 * What the bench finds out: figures, each beside its reference and its goal where it has them.
 *
 * @module
 */

/** Something else, measured in the same run and the same unit, that a figure is held against. */
export interface Reference {
  readonly what: string;
  readonly value: number;
}

/** What the design promises: the figure itself, or its ratio to the reference, is at most this. */
export interface Goal {
  readonly of: "value" | "ratio";
  readonly atMost: number;
}

/** One row of a table. */
export interface Figure {
  /** For scripts: unique within its group. */
  readonly name: string;
  /** For people. */
  readonly what: string;
  readonly value: number;
  /** `ns`, `ms`, `%` …; empty for a count. */
  readonly unit: string;
  readonly reference?: Reference;
  readonly goal?: Goal;
}

/** One table. */
export interface Group {
  readonly name: string;
  /** What was measured, and how. */
  readonly title: string;
  readonly figures: readonly Figure[];
  /** A fault that was found, such as a torn read: not a matter of speed. */
  readonly fault?: string;
}

/** Figure over reference; null without one. */
export function ratioOf({ value, reference }: Figure): number | null {
  return reference === undefined ? null : value / reference.value;
}

/** Whether the goal is reached; null without one. */
export function isReached(figure: Figure): boolean | null {
  if (figure.goal === undefined) return null;
  const measured = figure.goal.of === "ratio" ? ratioOf(figure) ?? Infinity : figure.value;
  return measured <= figure.goal.atMost;
}
