/**
 * Overlapping Allan deviation of a frequency record with one value a second, at τ = `averaged` seconds: NIST SP 1065
 * (Riley, Handbook of Frequency Stability Analysis), §5.2.4, from the phase.
 */
export function allanDeviation(frequency: ArrayLike<number>, averaged: number): number {
  const phase = new Float64Array(frequency.length + 1);
  for (let i = 0; i < frequency.length; i++) phase[i + 1] = phase[i]! + frequency[i]!;
  const count = phase.length - 2 * averaged;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    squares += (phase[i + 2 * averaged]! - 2 * phase[i + averaged]! + phase[i]!) ** 2;
  }
  return Math.sqrt(squares / (2 * averaged ** 2 * count));
}
