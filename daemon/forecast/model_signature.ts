/**
 * What goes into the models and what comes out of them; who does not answer to it is refused.
 *
 * @module
 */
import { CHANNELS, GLOBALS } from "./features.ts";

/** Probabilities of the quantiles that a shipped model gives for each horizon. */
export const QUANTILES = [0.005, 0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 0.995] as const;
/** How far ahead the short-term model looks, s. */
export const SHORT_HORIZONS = [0, 1, 2, 5] as const;
/** How far ahead the long-term model looks, s: to its horizon, and on to an hour of holdover. */
export const LONG_HORIZONS = [0, 10, 30, 60, 300, 900, 1800, 3600] as const;

/** The two places that a model can fill. */
export type ModelRole = "short_term" | "long_term";

/** The horizons of each, s. */
export const HORIZONS: Record<ModelRole, readonly number[]> = {
  short_term: SHORT_HORIZONS,
  long_term: LONG_HORIZONS,
};

/** One input or output of an ONNX graph. */
export interface Port {
  readonly name: string;
  /** Of its elements, as onnxruntime names it. */
  readonly type: string;
  /** A string names a dimension that the graph leaves open. */
  readonly shape: readonly (number | string)[];
}

/** What an ONNX graph takes and gives. */
export interface Signature {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** What kind of model it is: `residual` as those that are shipped, `univariate` as general forecasters are. */
export type ModelKind = "residual" | "univariate";

/** Paths in a univariate model's answer: with fewer there is no spread, with more it would only cost time. */
const LEAST_PATHS = 3;
const MAX_PATHS = 1000;
/** Steps that a univariate model may look ahead. */
const MAX_STEPS = 10_000;

/** The kind of a model that takes `contextLength` samples, or null when it fits neither. */
export function modelKind(signature: Signature, role: ModelRole, contextLength: number): ModelKind | null {
  if (isResidual(signature, role, contextLength)) return "residual";
  return isUnivariate(signature, contextLength) ? "univariate" : null;
}

/** How a model should be, and how it is, in one sentence's half each. */
export function signatureFault(signature: Signature, role: ModelRole, contextLength: number): string {
  const horizons = HORIZONS[role].length;
  return `it takes ${portsText(signature.inputs)} and gives ${portsText(signature.outputs)}. ` +
    `Expected: context float32[1,${contextLength},${CHANNELS}] and globals float32[1,${GLOBALS}] in, ` +
    `quantiles float32[1,${horizons},${QUANTILES.length}] out; ` +
    `or context float32[1,${contextLength}] in, quantiles or samples float32[1,PATHS,STEPS] out`;
}

function isResidual({ inputs, outputs }: Signature, role: ModelRole, contextLength: number): boolean {
  return inputs.length === 2 && outputs.length === 1 &&
    hasPort(inputs, "context", [1, contextLength, CHANNELS]) &&
    hasPort(inputs, "globals", [1, GLOBALS]) &&
    hasPort(outputs, "quantiles", [1, HORIZONS[role].length, QUANTILES.length]);
}

function isUnivariate({ inputs, outputs }: Signature, contextLength: number): boolean {
  const [output] = outputs;
  const [batch, paths = 0, steps = 0] = output?.shape ?? [];
  return inputs.length === 1 && hasPort(inputs, "context", [1, contextLength]) &&
    outputs.length === 1 && (output?.name === "quantiles" || output?.name === "samples") &&
    output.type === "float32" && output.shape.length === 3 && batch === 1 &&
    isCount(paths, LEAST_PATHS, MAX_PATHS) && isCount(steps, 1, MAX_STEPS);
}

function isCount(dimension: number | string, least: number, most: number): boolean {
  return typeof dimension === "number" && dimension >= least && dimension <= most;
}

function hasPort(ports: readonly Port[], name: string, shape: readonly number[]): boolean {
  const port = ports.find((candidate) => candidate.name === name);
  return port !== undefined && port.type === "float32" && port.shape.length === shape.length &&
    shape.every((dimension, i) => port.shape[i] === dimension);
}

function portsText(ports: readonly Port[]): string {
  return ports.map(({ name, type, shape }) => `${name} ${type}[${shape.join(",")}]`).join(" and ") ||
    "nothing";
}
