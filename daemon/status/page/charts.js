/** The three charts, drawn by uPlot. */
import { clock, duration, ppm } from "./format.js";

/* global uPlot */

/** 95 % of a normal distribution lie within so many sigmas. */
const SIGMAS = 1.96;
const HEIGHT = 210;

/** Where each chart is, what it shows of a moment, and how its values are written. */
const CHARTS = [
  {
    id: "offset",
    text: duration,
    values: ({ offset_seconds: offset, uncertainty_seconds: sigma, max_error_seconds: bound }) => [
      offset,
      offset + SIGMAS * sigma,
      offset - SIGMAS * sigma,
      bound === null ? null : offset + bound,
      bound === null ? null : offset - bound,
    ],
    series: ["offset", "95 % high", "95 % low", "bound high", "bound low"],
    bands: [{ series: [4, 5], color: "--bound" }, { series: [2, 3], color: "--band" }],
  },
  {
    id: "width",
    text: duration,
    values: ({ uncertainty_seconds: sigma, max_error_seconds: bound }) => [bound, SIGMAS * sigma],
    series: ["hard bound", "95 %"],
    isFromZero: true,
    hasLegend: true,
  },
  { id: "drift", text: ppm, values: ({ drift_rate }) => [drift_rate], series: ["drift"] },
];

const COLORS = ["--blue", "--blue", "--blue", "--fair", "--fair"];
const WIDTH_COLORS = ["--fair", "--blue"];

export class Charts {
  #plots = [];

  constructor() {
    new ResizeObserver(() => this.#resize()).observe(document.querySelector(".charts"));
    this.restyle();
  }

  /** Colours are painted: a new theme means new charts. */
  restyle() {
    for (const { plot } of this.#plots) plot.destroy();
    this.#plots = CHARTS.map((chart) => ({ chart, plot: make(chart) }));
  }

  show(moments) {
    const times = moments.map(({ utc_seconds }) => utc_seconds);
    for (const { chart, plot } of this.#plots) {
      const gap = chart.series.map(() => null);
      const rows = moments.map((moment) => moment.is_valid ? chart.values(moment) : gap);
      plot.setData([times, ...chart.series.map((_, column) => rows.map((row) => row[column]))]);
    }
  }

  #resize() {
    for (const { plot } of this.#plots) {
      plot.setSize({ width: widthOf(plot.root.parentElement), height: HEIGHT });
    }
  }
}

function make({ id, text, series, bands = [], isFromZero = false, hasLegend = false }) {
  const place = document.getElementById(id);
  const colors = id === "width" ? WIDTH_COLORS : COLORS;
  const axis = {
    stroke: color("--faint"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
  };
  const options = {
    width: widthOf(place),
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    legend: { show: hasLegend, live: false },
    scales: { x: { time: false }, y: isFromZero ? { range: (_, __, high) => [0, (high || 1) * 1.1] } : {} },
    axes: [{ ...axis, space: 80, values: (_, ticks) => ticks.map(clock) }, {
      ...axis,
      size: 78,
      values: (_, ticks) => ticks.map((tick) => text(tick)),
    }],
    series: [
      {},
      ...series.map((label, i) => ({
        label,
        stroke: color(colors[i]),
        width: i === 0 ? 2 : 1,
        points: { show: false },
      })),
    ],
    bands: bands.map((band) => ({ series: band.series, fill: color(band.color) })),
  };
  return new uPlot(options, [[], ...series.map(() => [])], place);
}

function widthOf(place) {
  return Math.max(200, place.clientWidth);
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
