/**
 * What a program accepts on its command line, as data. Written once `as const satisfies Program`, it gives the parser,
 * the help text and the types of the values.
 *
 * @module
 */

interface Documented {
  /** One line for the help text, without a full stop. */
  readonly help: string;
}

interface TakesValue extends Documented {
  /** What stands for the value in the help text: `HZ`. */
  readonly placeholder: string;
}

/** Permitted numbers, both ends included. */
export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
}

/** `--pretty`: true when given, false otherwise. Never followed by a value. */
export interface BooleanOption extends Documented {
  readonly kind: "boolean";
}

/** `--config PATH`: one text, not empty. */
export interface StringOption extends TakesValue {
  readonly kind: "string";
  readonly default?: string;
  /** The only texts permitted. */
  readonly choices?: readonly string[];
  /** What the text must look like, and how to say so: "a host and port such as 127.0.0.1:8080". */
  readonly format?: { readonly pattern: RegExp; readonly expected: string };
}

/** `--freq HZ`: one finite decimal number. */
export interface NumberOption extends TakesValue, NumberRange {
  readonly kind: "number";
  readonly isInteger?: boolean;
  readonly default?: number;
}

/** `--cpu-affinity 0 1`, `--cpu-affinity 0,1` or repeated: integers in the order given. */
export interface IntegersOption extends TakesValue, NumberRange {
  readonly kind: "integers";
}

/** One option. */
export type Option = BooleanOption | StringOption | NumberOption | IntegersOption;

/** Options by name in camelCase: `cpuAffinity` is `--cpu-affinity`. The same name is of the same kind in every command. */
export type Options = Readonly<Record<string, Option>>;

/** A word that stands by itself. */
export interface Positional extends Documented {
  /** May be left out; only followed by others that may. */
  readonly isOptional?: boolean;
}

/** Positionals by name in camelCase, in the order in which they stand. */
export type Positionals = Readonly<Record<string, Positional>>;

/** A command line to copy, and what it does. */
export interface Example {
  readonly line: string;
  readonly help: string;
}

/** What one command accepts. */
export interface Command {
  /** What it does, in one line without a full stop. */
  readonly summary: string;
  readonly options?: Options;
  readonly positionals?: Positionals;
}

/** What a program accepts: options, and either positionals or a choice of commands. */
export interface Program extends Command {
  readonly name: string;
  readonly version: string;
  /** What the user types to run it: `deno task client`. */
  readonly invocation: string;
  /** The program's own options belong to each command too. */
  readonly commands?: Readonly<Record<string, Command>>;
  readonly examples?: readonly Example[];
}

type None = Record<never, never>;
type OptionsOf<C> = C extends { readonly options: infer O } ? O : None;
type PositionalsOf<C> = C extends { readonly positionals: infer O } ? O : None;

type ValueOf<O> = O extends BooleanOption ? boolean
  : O extends NumberOption ? number
  : O extends IntegersOption ? readonly number[]
  : O extends { readonly choices: readonly (infer Choice)[] } ? Choice
  : string;

type OptionValues<O> = {
  readonly [Name in keyof O]: O[Name] extends BooleanOption | { readonly default: string | number }
    ? ValueOf<O[Name]>
    : ValueOf<O[Name]> | undefined;
};

type PositionalValues<O> = {
  readonly [Name in keyof O]: O[Name] extends { readonly isOptional: true } ? string | undefined : string;
};

interface Values<Name, ProgramOptions, C> {
  /** The command's name; undefined for a program without commands. */
  readonly command: Name;
  readonly options: OptionValues<ProgramOptions & OptionsOf<C>>;
  readonly positionals: PositionalValues<PositionalsOf<C>>;
}

/** What a correct command line says: for a program with commands, a union to be told apart by `command`. */
export type Invocation<P extends Program> = P extends { readonly commands: infer Commands }
  ? { [Name in keyof Commands]: Values<Name, OptionsOf<P>, Commands[Name]> }[keyof Commands]
  : Values<undefined, None, P>;

/** `cpuAffinity` as it is typed: `cpu-affinity`. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** What values an option takes, to complete "it must be …". */
export function expectation(option: Option): string {
  switch (option.kind) {
    case "boolean":
      return "given without a value";
    case "string":
      if (option.choices !== undefined) return oneOf(option.choices);
      return option.format?.expected ?? "a text that is not empty";
    case "number":
      return `${option.isInteger === true ? "an integer" : "a number"}${rangeText(option)}`;
    case "integers":
      return `one or more integers${rangeText(option)}, such as 0 1 or 0,1`;
  }
}

/** "DEBUG, INFO or ERROR". */
export function oneOf(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join("") : `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
}

/** " from 1 to 1000", " of at least 1", " of at most 1000", or nothing. */
export function rangeText({ min, max }: NumberRange): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? "" : ` of at most ${max}`;
}
