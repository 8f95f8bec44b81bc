/**
 * Numbers as people read them: units chosen by size, columns aligned.
 *
 * @module
 */

interface Unit {
  readonly perSecond: number;
  readonly name: string;
}

const DURATION_UNITS: readonly Unit[] = [
  { perSecond: 1, name: "s" },
  { perSecond: 1e3, name: "ms" },
  { perSecond: 1e6, name: "µs" },
  { perSecond: 1e9, name: "ns" },
];

const DIGITS = 3;

/** A duration in the largest unit that keeps a digit before the point: `25.013 ms`, `312.000 ns`, `unknown`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return "unknown";
  const size = Math.abs(seconds);
  const unit = DURATION_UNITS.find(({ perSecond }) => size * perSecond >= 1) ?? DURATION_UNITS.at(-1)!;
  return `${(seconds * unit.perSecond).toFixed(DIGITS)} ${unit.name}`;
}

/** As {@linkcode formatSeconds}, with its sign always shown. */
export function formatSignedSeconds(seconds: number): string {
  return (seconds < 0 ? "" : "+") + formatSeconds(seconds);
}

/** A rate in parts per million, signed: `+20.013 ppm`. */
export function formatPpm(rate: number): string {
  return `${rate < 0 ? "" : "+"}${(rate * 1e6).toFixed(DIGITS)} ppm`;
}

/** A span of time as people say it: `42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatSpan(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** Labels and values in two aligned columns, one pair a line. */
export function formatTable(rows: readonly (readonly [label: string, value: string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}\n`).join("");
}
