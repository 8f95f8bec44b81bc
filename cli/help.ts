/**
 * The help text of a program or of one of its commands.
 *
 * @module
 */
import { type Command, kebabCase, type Option, type Program, rangeText } from "./program.ts";

const INDENT = "  ";
const GAP = "   ";
const EXIT_CODES: readonly Row[] = [
  ["0", "done"],
  ["1", "failed or degraded"],
  ["2", "wrong usage"],
  ["3", "no live daemon or no valid time"],
];

/** Left and right column. */
type Row = readonly [string, string];

/** The help for `commandName` if the program knows it, for the whole program otherwise. Ends with a line feed. */
export function helpText(program: Program, commandName?: string): string {
  const commands = program.commands ?? {};
  const isCommand = commandName !== undefined && Object.hasOwn(commands, commandName);
  const shown = isCommand ? commands[commandName]! : program;
  const usage = [program.invocation, isCommand ? commandName : "", usageTail(shown)].filter(Boolean).join(
    " ",
  );
  const sections = [
    isCommand ? `${shown.summary}.` : `${program.name} ${program.version}: ${shown.summary}.`,
    `Usage: ${usage}`,
    ...(isCommand ? [] : commandSections(commands)),
    section("Arguments", positionalRows(shown)),
    section("Options", [
      ...optionRows(shown),
      ...(isCommand ? optionRows(program) : []),
      ...builtInRows(program),
    ]),
    section("Examples", (program.examples ?? []).map(({ line, help }) => [line, help])),
    section("Exit codes", EXIT_CODES),
  ];
  return sections.filter((text) => text !== "").join("\n\n") + "\n";
}

function usageTail(shown: Program | Command): string {
  const words = Object.entries(shown.positionals ?? {}).map(([name, { isOptional }]) => {
    const word = kebabCase(name).toUpperCase();
    return isOptional === true ? `[${word}]` : word;
  });
  const command = "commands" in shown && shown.commands !== undefined ? ["COMMAND"] : [];
  return [...command, "[OPTIONS]", ...words].join(" ");
}

/** The commands, and then the options that only some of them have. */
function commandSections(commands: Readonly<Record<string, Command>>): string[] {
  const entries = Object.entries(commands);
  return [
    section("Commands", entries.map(([name, { summary }]) => [name, summary])),
    ...entries.map(([name, command]) =>
      section(`Options of ${name}`, [...positionalRows(command), ...optionRows(command)])
    ),
  ];
}

function builtInRows({ commands }: Program): Row[] {
  const help = commands === undefined ? "Show this help" : "Show this help; after a command, the command's";
  return [["-h, --help", help], ["--version", "Show the version"]];
}

function positionalRows({ positionals = {} }: Command): Row[] {
  return Object.entries(positionals).map(([name, { help }]) => [kebabCase(name).toUpperCase(), help]);
}

function optionRows({ options = {} }: Command): Row[] {
  return Object.entries(options).map(([name, option]) => {
    const value = option.kind === "boolean"
      ? ""
      : ` ${option.placeholder}${option.kind === "integers" ? "…" : ""}`;
    return [`--${kebabCase(name)}${value}`, [option.help, ...notes(option)].join(" ")];
  });
}

/** Choices, range and default, in brackets. */
function notes(option: Option): string[] {
  if (option.kind === "boolean") return [];
  const range = option.kind === "string"
    ? (option.choices ?? []).join(", ")
    : rangeText(option).replace(/^ (from|of) /, "");
  const fallback = option.kind === "integers" || option.default === undefined
    ? ""
    : `default ${option.default}`;
  const parts = [range, fallback].filter((part) => part !== "");
  return parts.length === 0 ? [] : [`(${parts.join("; ")})`];
}

function section(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) => `${INDENT}${left.padEnd(width)}${GAP}${right}`);
  return rows.length === 0 ? "" : [`${title}:`, ...lines].join("\n");
}
