/** Figures as people read them. */

const UNITS = [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]];

/** `1.235 ms`; an em dash for what is not known. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "—";
  const size = Math.abs(seconds);
  const [scale, unit] = UNITS.find(([least]) => size >= least) ?? (size === 0 ? UNITS[0] : UNITS[3]);
  return `${digits(seconds / scale)} ${unit}`;
}

/** The same with its sign. */
export function signed(seconds) {
  return seconds > 0 ? `+${duration(seconds)}` : duration(seconds);
}

/** `-12.345 ppm` */
export function ppm(rate) {
  return rate === null ? "—" : `${(rate * 1e6).toFixed(3)} ppm`;
}

/** `3 min`, `2.5 h` */
export function span(seconds) {
  if (seconds === null) return "—";
  if (seconds < 10) return `${Number(seconds.toFixed(2))} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** `97.53 %` */
export function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}

/** `2026-05-04 03:02:01.123` in UTC */
export function instant(unixSeconds) {
  return new Date(unixSeconds * 1000).toISOString().replace("T", " ").replace("Z", "");
}

/** `03:02:01` in UTC */
export function clock(unixSeconds) {
  return instant(unixSeconds).slice(11, 19);
}

function digits(value) {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3);
}
