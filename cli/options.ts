/**
 * Reads a command line as its program's description says, and refuses the rest in one sentence.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { closestString } from "@std/text/closest-string";
import { ExitCode } from "./exit_code.ts";
import { helpText } from "./help.ts";
import {
  type Command,
  expectation,
  type Invocation,
  kebabCase,
  type NumberRange,
  oneOf,
  type Option,
  type Options,
  type Program,
} from "./program.ts";

/** The command line is wrong. The message is one sentence that says what, and where the help is. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** What the process is to end with. */
  readonly exitCode = ExitCode.USAGE;
}

/** The user asked for help or the version: print `text` and be done. */
export interface Information {
  readonly text: string;
}

const TERMINATOR = "--";
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INTEGER = /^[+-]?\d+$/;
const INTEGERS = /^\d+(,\d+)*$/;
const BUILT_IN: Options = {
  help: { kind: "boolean", help: "" },
  version: { kind: "boolean", help: "" },
};

/**
 * Reads `args`. One leading `--` is dropped: `deno task` passes it on.
 *
 * @throws {UsageError} for whatever `program` does not describe
 */
export function parseOptions<const P extends Program>(
  program: P,
  args: readonly string[],
): Invocation<P> | Information {
  const own = args[0] === TERMINATOR ? args.slice(1) : args;
  const parts = takeApart(program, own);
  const { words, given } = parts;
  if (given.has("help")) return { text: helpText(program, words[0]) };
  if (given.has("version")) return { text: `${program.name} ${program.version}\n` };
  refuseMalformed(program, own, parts);
  const [name, command, rest] = chooseCommand(program, words);
  const see = (fault: string) => usageError(program, fault, name);
  refuseForeign(program, { ...program.options, ...command.options }, given, see);
  const invocation = {
    command: name,
    options: readOptions({ ...program.options, ...command.options }, given, see),
    positionals: readPositionals(command, rest, see),
  };
  // The description that the types were inferred from is the one that the values were read by.
  return invocation as unknown as Invocation<P>;
}

type Fault = (fault: string) => UsageError;
/** The texts given with each option, by its name in camelCase, in the order given; none for a boolean one. */
type Given = ReadonlyMap<string, readonly string[]>;

/** The command line taken apart: options, the words between them, and what is no option of this program. */
interface Parts {
  readonly words: readonly string[];
  readonly given: Given;
  readonly unknown: readonly string[];
}

function usageError(program: Program, fault: string, command?: string): UsageError {
  const invocation = command === undefined ? program.invocation : `${program.invocation} ${command}`;
  return new UsageError(`${fault} See ${invocation} --help.`);
}

/** Every option that any command of the program knows. */
function allOptions(program: Program): Options {
  const commands = Object.values(program.commands ?? {});
  return Object.assign({}, BUILT_IN, program.options, ...commands.map((command) => command.options));
}

function takeApart(program: Program, args: readonly string[]): Parts {
  const options = Object.entries(allOptions(program));
  const flags = (isBoolean: boolean) =>
    options.filter(([, { kind }]) => (kind === "boolean") === isBoolean).map(([name]) => kebabCase(name));
  const unknown: string[] = [];
  const parsed = parseArgs(joinValues(program, args), {
    boolean: flags(true),
    string: [...flags(false), "_"],
    collect: flags(false),
    alias: { help: "h" },
    unknown(text: string, name?: string): boolean {
      if (name !== undefined) unknown.push(text.split("=", 1)[0]!);
      return name === undefined;
    },
  });
  const given = options.flatMap(([name]): [string, readonly string[]][] => {
    const value: boolean | readonly string[] = parsed[kebabCase(name)];
    if (typeof value === "boolean") return value ? [[name, []]] : [];
    return value.length > 0 ? [[name, value]] : [];
  });
  return { words: parsed._.map(String), given: new Map(given), unknown };
}

/**
 * Ties each value to its option: `--interval -5` and `--cpu-affinity 0 1` become `--interval=-5` and
 * `--cpu-affinity=0,1`, which the parser cannot take for something else.
 */
function joinValues(program: Program, args: readonly string[]): string[] {
  const kinds = new Map<string, Option["kind"]>(
    Object.entries(allOptions(program)).map(([name, { kind }]) => [`--${kebabCase(name)}`, kind]),
  );
  const joined: string[] = [];
  const end = args.includes(TERMINATOR) ? args.indexOf(TERMINATOR) : args.length;
  for (let index = 0; index < end; index++) {
    const flag = args[index]!;
    const kind = kinds.get(flag);
    const values: string[] = kind === "boolean" ? ["true"] : [];
    if (kind !== undefined && kind !== "boolean" && isValue(args[index + 1])) {
      do values.push(args[++index]!); while (kind === "integers" && INTEGERS.test(args[index + 1] ?? ""));
    }
    joined.push(values.length > 0 ? `${flag}=${values.join(",")}` : flag);
  }
  return [...joined, ...args.slice(end)];
}

/** What may follow an option as its value: anything that is not itself an option, and negative numbers. */
function isValue(word: string | undefined): boolean {
  return word !== undefined && word !== TERMINATOR && (!/^-./.test(word) || DECIMAL.test(word));
}

/** Refuses options that nobody knows, values of options that take none, and options without the value they need. */
function refuseMalformed(program: Program, args: readonly string[], { given, unknown }: Parts): void {
  const options = allOptions(program);
  for (const [name, option] of Object.entries(options)) {
    const flag = `--${kebabCase(name)}`;
    const surplus = option.kind === "boolean" && args.find((word) => word.startsWith(`${flag}=`));
    if (surplus) {
      const value = JSON.stringify(surplus.slice(flag.length + 1));
      throw usageError(program, `${flag} was given the value ${value}, but takes none.`);
    }
    if (option.kind === "boolean" || !given.get(name)?.includes("")) continue;
    throw usageError(
      program,
      `${flag} lacks its value ${option.placeholder}: it must be ${expectation(option)}.`,
    );
  }
  if (unknown[0] !== undefined) {
    const nearest = closestString(unknown[0], Object.keys(options).map((name) => `--${kebabCase(name)}`));
    throw usageError(program, `Unknown option ${unknown[0]}: did you mean ${nearest}?`);
  }
}

/** The command's name, its description, and the words after it. */
function chooseCommand(program: Program, words: readonly string[]): [string | undefined, Command, string[]] {
  const { commands } = program;
  if (commands === undefined) return [undefined, program, [...words]];
  const [name, ...rest] = words;
  const names = Object.keys(commands);
  if (name === undefined) throw usageError(program, `No command was given: it must be ${oneOf(names)}.`);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return [name, command, rest];
  throw usageError(
    program,
    `Unknown command ${JSON.stringify(name)}: did you mean ${closestString(name, names)}?`,
  );
}

/** Refuses what only other commands take. */
function refuseForeign(program: Program, options: Options, given: Given, see: Fault): void {
  const foreign = [...given.keys()].find((name) => !Object.hasOwn(options, name));
  if (foreign === undefined) return;
  const owners = Object.entries(program.commands ?? {})
    .filter(([, command]) => Object.hasOwn(command.options ?? {}, foreign)).map(([name]) => name);
  throw see(`--${kebabCase(foreign)} is an option of ${owners.join(" and ")} only.`);
}

function readOptions(options: Options, given: Given, see: Fault): Record<string, unknown> {
  const entries = Object.entries(options).map(([name, option]) => {
    const texts = given.get(name);
    return [
      name,
      texts === undefined ? absentValue(option) : readValue(`--${kebabCase(name)}`, option, texts, see),
    ];
  });
  return Object.fromEntries(entries);
}

function absentValue(option: Option): string | number | boolean | undefined {
  if (option.kind === "boolean") return false;
  return option.kind === "integers" ? undefined : option.default;
}

/** Of an option given twice the last one counts, as everywhere; lists grow. */
function readValue(flag: string, option: Option, texts: readonly string[], see: Fault): unknown {
  const last = texts.at(-1)!;
  switch (option.kind) {
    case "boolean":
      return true;
    case "string":
      return isText(last, option) ? last : refuse(last);
    case "number":
      return isNumber(last, option, option.isInteger === true ? INTEGER : DECIMAL)
        ? Number(last)
        : refuse(last);
    case "integers":
      return texts.flatMap((text) => text.split(",")).map((text) =>
        isNumber(text, option, INTEGER) ? Number(text) : refuse(text)
      );
  }
  function refuse(text: string): never {
    throw see(`${flag} is ${JSON.stringify(text)}: it must be ${expectation(option)}.`);
  }
}

function isText(text: string, { choices, format }: Extract<Option, { kind: "string" }>): boolean {
  return (choices?.includes(text) ?? true) && (format?.pattern.test(text) ?? true);
}

function isNumber(text: string, { min = -Infinity, max = Infinity }: NumberRange, form: RegExp): boolean {
  const value = Number(text);
  return form.test(text) && Number.isFinite(value) && value >= min && value <= max;
}

function readPositionals(
  command: Command,
  words: readonly string[],
  see: Fault,
): Record<string, string | undefined> {
  const expected = Object.entries(command.positionals ?? {});
  const surplus = words[expected.length];
  if (surplus !== undefined) {
    const allowed = expected.length === 0 ? "none is" : `at most ${expected.length} are`;
    throw see(`Unexpected argument ${JSON.stringify(surplus)}: ${allowed} allowed here.`);
  }
  const missing = expected.slice(words.length).find(([, positional]) => positional.isOptional !== true);
  if (missing !== undefined) {
    throw see(`The argument ${kebabCase(missing[0]).toUpperCase()} is missing: ${missing[1].help}.`);
  }
  return Object.fromEntries(expected.map(([name], index) => [name, words[index]]));
}
