/**
 * Reads a command line as its program's description says, and refuses the rest in one sentence.
 *
 * @module
 */
import { parseArgs } from "node:util";
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
  const tokens = tokensOf(program, args[0] === TERMINATOR ? args.slice(1) : args);
  const asksFor = (name: string) => tokens.some((token) => token.kind === "option" && token.name === name);
  if (asksFor("help")) return { text: helpText(program, tokens.find(isPositional)?.value) };
  if (asksFor("version")) return { text: `${program.name} ${program.version}\n` };
  const { words, given } = separate(program, tokens);
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

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];
type OptionToken = Extract<Token, { kind: "option" }>;
type Given = Map<string, string[]>;
type Fault = (fault: string) => UsageError;

function isPositional(token: Token): token is Extract<Token, { kind: "positional" }> {
  return token.kind === "positional";
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

function tokensOf(program: Program, args: readonly string[]): Token[] {
  const options = Object.entries(allOptions(program)).map(([name, option]) => [
    kebabCase(name),
    {
      type: option.kind === "boolean" ? "boolean" as const : "string" as const,
      ...(name === "help" && { short: "h" }),
    },
  ]);
  return parseArgs({
    args: [...args],
    options: Object.fromEntries(options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

/** Tells options (their texts by name in camelCase, in the order given) from words, which are command and positionals. */
function separate(program: Program, tokens: readonly Token[]): { words: string[]; given: Given } {
  const known = allOptions(program);
  const names = new Map(Object.keys(known).map((name) => [kebabCase(name), name]));
  const given: Given = new Map();
  const words: string[] = [];
  let openList: string[] | undefined; // `--cpu-affinity 0 1`: the words after it still belong to it
  for (const token of tokens) {
    if (isPositional(token)) {
      if (!INTEGERS.test(token.value)) openList = undefined;
      (openList ?? words).push(token.value);
      continue;
    }
    openList = undefined;
    if (token.kind !== "option") continue;
    const name = names.get(token.name);
    if (name === undefined || isMistypedShort(token)) {
      const nearest = closestString(token.name, [...names.keys()]);
      throw usageError(program, `Unknown option ${token.rawName}: did you mean --${nearest}?`);
    }
    const texts = given.get(name) ?? [];
    given.set(name, texts);
    texts.push(textOf(program, token, known[name]!));
    if (known[name]!.kind === "integers" && !token.inlineValue) openList = texts;
  }
  return { words, given };
}

/** Of the short ones only `-h` is known; `-help` would be read as several. */
function isMistypedShort(token: OptionToken): boolean {
  return !token.rawName.startsWith("--") && token.rawName !== "-h";
}

/** The text given with an option; "" for a boolean one. */
function textOf(program: Program, token: OptionToken, option: Option): string {
  const flag = token.rawName;
  if (option.kind === "boolean") {
    if (token.value === undefined) return "";
    throw usageError(program, `${flag} was given the value ${JSON.stringify(token.value)}, but takes none.`);
  }
  const { value = "", inlineValue = false } = token;
  const isAnotherOption = !inlineValue && /^-./.test(value) && !DECIMAL.test(value);
  if (value !== "" && !isAnotherOption) return value;
  throw usageError(
    program,
    `${flag} lacks its value ${option.placeholder}: it must be ${expectation(option)}.`,
  );
}

/** The command's name, its description, and the words after it. */
function chooseCommand(program: Program, words: string[]): [string | undefined, Command, string[]] {
  const { commands } = program;
  if (commands === undefined) return [undefined, program, words];
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
