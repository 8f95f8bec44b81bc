/**
 * Durations as people read them.
 *
 * @module
 */

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3600;

/** Three digits and the unit that suits them: `1.25 ms`, `31.0 s`, `5 min`, `2.5 h`. */
export function durationText(seconds: number): string {
  const size = Math.abs(seconds);
  if (size >= 2 * HOUR_SECONDS) return `${(seconds / HOUR_SECONDS).toFixed(1)} h`;
  if (size >= 2 * MINUTE_SECONDS) return `${Math.round(seconds / MINUTE_SECONDS)} min`;
  if (size >= 1) return `${digits(seconds)} s`;
  if (size >= 1e-3) return `${digits(seconds * 1e3)} ms`;
  return `${digits(seconds * 1e6)} µs`;
}

function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}
