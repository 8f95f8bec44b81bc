/**
 * A model that has learned nothing: the same graph with zeros for everything that was fitted.
 *
 * @module
 */

/** Fields of ONNX's ModelProto, GraphProto and TensorProto (onnx.proto): where the weights lie. */
const GRAPH = 7;
const INITIALIZER = 5;
const NAME = 8;
const RAW_DATA = 9;

/** Wire types of Protocol Buffers. */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

interface Field {
  readonly number: number;
  /** Empty for numbers. */
  readonly content: Uint8Array;
}

/**
 * A copy of an .onnx file in which the tensors whose names begin with `prefix` are zero.
 *
 * @throws {Error} there are none
 */
export function zeroedWeights(model: Uint8Array, prefix: string): Uint8Array {
  const copy = model.slice();
  let tensors = 0;
  for (const graph of fieldsOf(copy).filter(({ number }) => number === GRAPH)) {
    for (const { content } of fieldsOf(graph.content).filter(({ number }) => number === INITIALIZER)) {
      const tensor = fieldsOf(content);
      const name = new TextDecoder().decode(tensor.find(({ number }) => number === NAME)?.content);
      if (!name.startsWith(prefix)) continue;
      tensor.find(({ number }) => number === RAW_DATA)!.content.fill(0);
      tensors++;
    }
  }
  if (tensors === 0) throw new Error(`Cannot zero the weights: no tensor is called ${prefix}…`);
  return copy;
}

/** Views into `message`, not copies. */
function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < message.length;) {
    const [tag, afterTag] = varintAt(message, at);
    const [type, number] = [tag & 7, tag >>> 3];
    const [value, afterValue] = type === VARINT || type === LENGTH_DELIMITED
      ? varintAt(message, afterTag)
      : [0, afterTag + fixedBytes(type)];
    at = type === LENGTH_DELIMITED ? afterValue + value : afterValue;
    fields.push({ number, content: message.subarray(type === LENGTH_DELIMITED ? afterValue : at, at) });
  }
  return fields;
}

function fixedBytes(type: number): number {
  if (type === FIXED_64) return 8;
  if (type === FIXED_32) return 4;
  throw new Error(`Cannot read the model: its wire type ${type} is unknown.`);
}

/** The number, and where the next byte is; large numbers lose their upper bits, lengths do not. */
function varintAt(bytes: Uint8Array, at: number): [number, number] {
  let value = 0;
  for (let shift = 0;; shift += 7) {
    const byte = bytes[at++]!;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}
