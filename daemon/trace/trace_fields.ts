/**
 * One line of a trace as named fields: JSON whose nanoseconds stay exact, each field checked as it is taken out.
 *
 * @module
 */

/** A line cannot be used. The message is the rest of a sentence that begins with which line it is. */
export class TraceLineError extends Error {
  override readonly name = "TraceLineError";
}

/** Longer lines are not read; the longest that a daemon writes has some hundred bytes. */
export const MAX_LINE_BYTES = 65_536;

const MAX_SHOWN_CHARACTERS = 60;
const INTEGER = /^-?\d{1,19}$/;
const MAX_NS = 2n ** 63n - 1n;
const MIN_NS = -(2n ** 63n);

/** A number as it stands in the text: a double of it would keep 53 bits, and nanoseconds of this century need 61. */
class Literal {
  readonly value: number;
  readonly text: string;

  constructor(value: number, text: string) {
    this.value = value;
    this.text = text;
  }
}

/** The fields of one line. Fields that nobody asks for are left alone. */
export class TraceFields {
  readonly #fields: ReadonlyMap<string, unknown>;

  /** @throws {TraceLineError} `text` is no JSON object */
  constructor(text: string) {
    const document = parseExactly(text);
    const isObject = typeof document === "object" && document !== null && !(document instanceof Literal);
    if (!isObject || Array.isArray(document)) {
      throw new TraceLineError(`it is ${shown(document)}: it must be a JSON object`);
    }
    this.#fields = new Map(Object.entries(document));
  }

  /** Whether the line has this field; null counts as absent. */
  has(name: string): boolean {
    return (this.#fields.get(name) ?? null) !== null;
  }

  /** An instant in ns: an integer that fits 64 bits with a sign. */
  ns(name: string): bigint {
    const value = this.#required(name);
    if (value instanceof Literal && INTEGER.test(value.text)) {
      const ns = BigInt(value.text);
      if (ns >= MIN_NS && ns <= MAX_NS) return ns;
    }
    throw fault(name, value, "an integer of nanoseconds that fits 64 bits");
  }

  /** A finite number from `min` to `max`. */
  number(name: string, min: number, max: number): number {
    const value = this.#required(name);
    if (value instanceof Literal && value.value >= min && value.value <= max) return value.value;
    throw fault(name, value, `a number from ${min} to ${max}`);
  }

  /** An integer from `min` to `max`. */
  integer(name: string, min: number, max: number): number {
    const value = this.#required(name);
    const isInteger = value instanceof Literal && Number.isSafeInteger(value.value);
    if (isInteger && value.value >= min && value.value <= max) return value.value;
    throw fault(name, value, `an integer from ${min} to ${max}`);
  }

  /** Finite numbers from `min` to `max` by name. */
  numbers(name: string, min: number, max: number): Record<string, number> {
    const value = this.#required(name);
    if (typeof value === "object" && !(value instanceof Literal) && !Array.isArray(value)) {
      const entries = Object.entries(value as Readonly<Record<string, unknown>>);
      const isMember = (member: unknown): member is Literal =>
        member instanceof Literal && member.value >= min && member.value <= max;
      if (entries.every(([, member]) => isMember(member))) {
        return Object.fromEntries(entries.map(([key, member]) => [key, (member as Literal).value]));
      }
    }
    throw fault(name, value, `an object of numbers from ${min} to ${max}`);
  }

  /** true or false. */
  boolean(name: string): boolean {
    const value = this.#required(name);
    if (typeof value === "boolean") return value;
    throw fault(name, value, "true or false");
  }

  /** A text of 1 to `maxCharacters` characters. */
  text(name: string, maxCharacters: number): string {
    const value = this.#required(name);
    if (typeof value === "string" && value.length >= 1 && value.length <= maxCharacters) return value;
    throw fault(name, value, `a text of 1 to ${maxCharacters} characters`);
  }

  /** One of `choices`. */
  choice<const Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const value = this.#required(name);
    const chosen = choices.find((choice) => choice === value);
    if (chosen !== undefined) return chosen;
    throw fault(name, value, `one of ${choices.join(", ")}`);
  }

  #required(name: string): unknown {
    const value = this.#fields.get(name) ?? null;
    if (value === null) throw new TraceLineError(`it has no "${name}"`);
    return value;
  }
}

/** A flat object as one line, without its line feed; bigints become integers, and undefined is left out. */
export function formatFields(fields: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(fields).filter(([, value]) => value !== undefined).map(([name, value]) =>
    `${JSON.stringify(name)}:${typeof value === "bigint" ? value : JSON.stringify(value)}`
  );
  return `{${members.join(",")}}`;
}

/** JSON in which every number keeps its text; V8 hands it to the reviver as `context.source`. */
function parseExactly(text: string): unknown {
  try {
    return JSON.parse(
      text,
      (_key: string, value: unknown, context?: { readonly source?: string }) =>
        typeof value === "number" ? new Literal(value, context?.source ?? String(value)) : value,
    );
  } catch {
    throw new TraceLineError("it is no JSON");
  }
}

function fault(name: string, value: unknown, expected: string): TraceLineError {
  return new TraceLineError(`"${name}" is ${shown(value)}: it must be ${expected}`);
}

/** Short, and on one line: the text comes from strangers. */
function shown(value: unknown): string {
  if (value instanceof Literal) return cut(value.text);
  if (typeof value === "string") return JSON.stringify(cut(value));
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function cut(text: string): string {
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
}
