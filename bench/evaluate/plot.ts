/**
 * Pictures of a trace: the error over time within what was claimed for it, one panel per contender.
 *
 * @module
 */
import { Flag } from "../../record/layout.ts";
import type { Reading } from "../../sim/world/run_scenario.ts";
import { SETTLING_SECONDS } from "./trace_score.ts";

/** One contender's readings of the trace. */
export interface Panel {
  readonly title: string;
  readonly readings: readonly Reading[];
}

const WIDTH = 960;
const PANEL_HEIGHT = 150;
const MARGIN = { left: 80, right: 12, top: 42, bottom: 30 } as const;
const PLOT_WIDTH = WIDTH - MARGIN.left - MARGIN.right;
const PLOT_HEIGHT = PANEL_HEIGHT - 34;
const SIGMAS = 1.96;
/** Of the sizes of errors and intervals shown, this share fits into the panel; what exceeds it is cut. */
const SHOWN_SHARE = 0.98;
/** Points of a curve; more cannot be told apart. */
const MAX_POINTS = 1000;

/** An SVG document, readable on light and dark grounds. */
export function plotTrace(title: string, panels: readonly Panel[]): string {
  const height = MARGIN.top + panels.length * PANEL_HEIGHT + MARGIN.bottom;
  const end = Math.max(...panels.map(({ readings }) => readings.at(-1)?.atSeconds ?? 0));
  const body = panels.map((panel, i) =>
    `<g transform="translate(${MARGIN.left} ${MARGIN.top + i * PANEL_HEIGHT})">${panelSvg(panel, end)}</g>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="#888">
<text x="${MARGIN.left}" y="16" font-size="14">${escaped(title)}</text>
${body.join("\n")}
<g transform="translate(${MARGIN.left} ${height - MARGIN.bottom + 8})">${timeAxis(end)}</g>
</svg>
`;
}

function panelSvg({ title, readings }: Panel, end: number): string {
  const shown = thinned(readings.filter(({ flags }) => (flags & Flag.VALID) !== 0));
  const scale = scaleOf(shown);
  const x = (atSeconds: number) => (PLOT_WIDTH * atSeconds / end).toFixed(1);
  const y = (seconds: number) =>
    (PLOT_HEIGHT / 2 * (1 - Math.max(-1, Math.min(1, seconds / scale)))).toFixed(1);
  const curve = (valueOf: (reading: Reading) => number) =>
    shown.map((reading) => `${x(reading.atSeconds)},${y(valueOf(reading))}`);
  const high = curve(({ sigmaSeconds }) => SIGMAS * sigmaSeconds);
  const low = curve(({ sigmaSeconds }) => -SIGMAS * sigmaSeconds).reverse();
  const label = durationText(scale);
  return `<text x="0" y="-4">${escaped(title)}</text>
<rect width="${PLOT_WIDTH}" height="${PLOT_HEIGHT}" fill="none" stroke="#888" stroke-opacity="0.4"/>
<polygon points="${high.join(" ")} ${low.join(" ")}" fill="#4a90d9" fill-opacity="0.25"/>
<line x2="${PLOT_WIDTH}" y1="${y(0)}" y2="${y(0)}" stroke="#888" stroke-opacity="0.6"/>
<polyline points="${
    curve(({ errorSeconds }) => errorSeconds).join(" ")
  }" fill="none" stroke="#d95f02" stroke-width="1"/>
<text x="-6" y="10" text-anchor="end">+${label}</text>
<text x="-6" y="${PLOT_HEIGHT}" text-anchor="end">−${label}</text>`;
}

/** What the panel's half height stands for, s. */
function scaleOf(readings: readonly Reading[]): number {
  const sizes = readings.filter(({ atSeconds }) => atSeconds >= SETTLING_SECONDS)
    .map(({ errorSeconds, sigmaSeconds }) => Math.max(Math.abs(errorSeconds), SIGMAS * sigmaSeconds))
    .sort((a, b) => a - b);
  return (sizes[Math.floor(SHOWN_SHARE * (sizes.length - 1))] ?? 1) || 1;
}

/** So few of the readings, evenly, that each is worth a point. */
function thinned(readings: readonly Reading[]): Reading[] {
  const step = Math.ceil(readings.length / MAX_POINTS);
  return readings.filter((_, i) => i % step === 0);
}

function durationText(seconds: number): string {
  const [unit, name]: [number, string] = seconds < 1e-3
    ? [1e-6, "µs"]
    : seconds < 1
    ? [1e-3, "ms"]
    : [1, "s"];
  const value = seconds / unit;
  return `${value >= 10 ? value.toFixed(0) : value.toPrecision(2)} ${name}`;
}

function timeAxis(end: number): string {
  const stepHours = end > 36_000 ? 4 : 0.5;
  const ticks = Array.from({ length: Math.floor(end / 3600 / stepHours) + 1 }, (_, i) => i * stepHours);
  return ticks.map((hours) =>
    `<text x="${(PLOT_WIDTH * hours * 3600 / end).toFixed(1)}" text-anchor="middle">${hours} h</text>`
  ).join("");
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
