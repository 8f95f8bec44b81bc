import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Information, parseOptions, UsageError } from "../../cli/options.ts";
import type { Invocation, Program } from "../../cli/program.ts";
import { SERVER, TOOL } from "./program.ts";

/** The values of a command line that asks neither for help nor for the version. */
function parse<const P extends Program>(program: P, line: string | readonly string[]): Invocation<P> {
  const parsed = parseOptions(program, typeof line === "string" ? line.split(" ").filter(Boolean) : line);
  assert(!("text" in (parsed as Partial<Information>)), "it is an invocation");
  return parsed as Invocation<P>;
}

/** The sentence with which a command line is refused. */
function refusal(program: Program, line: string | readonly string[]): string {
  const error = assertThrows(() => parse(program, line), UsageError);
  assertEquals(error.exitCode, 2);
  assertEquals(error.message.includes("\n"), false, "one line");
  return error.message;
}

Deno.test("parseOptions() gives defaults, false for booleans and undefined for what is absent", () => {
  assertEquals(parse(SERVER, ""), {
    command: undefined,
    options: {
      config: undefined,
      checkConfig: false,
      freq: 100,
      cpuAffinity: undefined,
      logLevel: undefined,
      bias: undefined,
      http: undefined,
    },
    positionals: {},
  });
});

Deno.test("parseOptions() types its values by the description", () => {
  const { options } = parse(SERVER, "--freq 10");
  const freq: number = options.freq;
  const level: "DEBUG" | "INFO" | undefined = options.logLevel;
  const processors: readonly number[] | undefined = options.cpuAffinity;
  const isCheck: boolean = options.checkConfig;
  assertEquals([freq, level, processors, isCheck], [10, undefined, undefined, false]);

  const invocation = parse(TOOL, "log alice ran");
  assert(invocation.command === "log");
  const agent: string = invocation.positionals.agent;
  const details: string | undefined = invocation.positionals.details;
  const segment: string = invocation.options.shmName;
  assertEquals([agent, details, segment], ["alice", undefined, "chronotick_shm"]);
});

Deno.test("parseOptions() takes --name value and --name=value alike", () => {
  assertEquals(
    parse(SERVER, "--freq 2.5 --config a.yaml").options,
    parse(SERVER, "--freq=2.5 --config=a.yaml").options,
  );
  assertEquals(parse(SERVER, ["--config", "with space=and equals"]).options.config, "with space=and equals");
  assertEquals(parse(SERVER, ["--config=-x=y"]).options.config, "-x=y");
  assertEquals(parse(SERVER, "--config -").options.config, "-");
});

Deno.test("parseOptions() takes negative numbers as values", () => {
  for (
    const [text, value] of [["-5", -5], ["-0.25", -0.25], ["-.5", -0.5], ["-1e-3", -0.001], [
      "+2",
      2,
    ]] as const
  ) {
    assertEquals(parse(SERVER, ["--bias", text]).options.bias, value);
    assertEquals(parse(SERVER, [`--bias=${text}`]).options.bias, value);
  }
});

Deno.test("parseOptions() lets the last of two equal options count", () => {
  assertEquals(parse(SERVER, "--freq 10 --freq 20").options.freq, 20);
});

Deno.test("parseOptions() takes a list apart by words, by commas and by repetition", () => {
  const lines = [
    "--cpu-affinity 0 1 3",
    "--cpu-affinity 0,1,3",
    "--cpu-affinity=0,1 --cpu-affinity 3",
    "--cpu-affinity 0 1,3",
  ];
  for (const line of lines) {
    const { options } = parse(SERVER, `${line} --freq 7`);
    assertEquals([options.cpuAffinity, options.freq], [[0, 1, 3], 7], line);
  }
});

Deno.test("parseOptions() ends a list at the first word that is no integer", () => {
  assertStringIncludes(refusal(SERVER, "--cpu-affinity 0 1 x 2"), 'Unexpected argument "x"');
  assertStringIncludes(refusal(SERVER, "--cpu-affinity 0 --check-config 2"), 'Unexpected argument "2"');
  assertStringIncludes(refusal(SERVER, "--cpu-affinity 0 -- 2"), 'Unexpected argument "2"');
});

Deno.test("parseOptions() never gives a boolean option a value", () => {
  const invocation = parse(TOOL, "log --debug true ran");
  assert(invocation.command === "log");
  assertEquals(invocation.positionals, { agent: "true", actionName: "ran", details: undefined });
  assertEquals(invocation.options.debug, true);
  assertEquals(
    refusal(TOOL, "monitor --pretty=no"),
    '--pretty was given the value "no", but takes none. See deno task tool --help.',
  );
});

Deno.test("parseOptions() accepts one literal leading --", () => {
  assertEquals(parse(SERVER, "-- --freq 10").options.freq, 10);
  assertStringIncludes(refusal(SERVER, "-- -- --freq"), 'Unexpected argument "--freq"');
});

Deno.test("parseOptions() takes everything after a later -- as words", () => {
  const invocation = parse(TOOL, "log alice ran -- --details");
  assert(invocation.command === "log");
  assertEquals(invocation.positionals, { agent: "alice", actionName: "ran", details: "--details" });
});

Deno.test("parseOptions() finds the command among the program's own options", () => {
  for (const line of ["--shm-name x monitor --count 3", "monitor --count=3 --shm-name=x"]) {
    const invocation = parse(TOOL, line);
    assert(invocation.command === "monitor");
    assertEquals(invocation.options, { shmName: "x", interval: 1, count: 3, pretty: false });
  }
});

Deno.test("parseOptions() refuses an unknown option and names the nearest", () => {
  const cases = [
    ["--frq 10", "--frq", "--freq"],
    ["--cpu-afinity=1", "--cpu-afinity", "--cpu-affinity"],
    ["--no-check-config", "--no-check-config", "--check-config"],
    ["--hepl", "--hepl", "--help"],
    ["--FREQ 1", "--FREQ", "--freq"],
  ] as const;
  for (const [line, given, nearest] of cases) {
    assertEquals(
      refusal(SERVER, line),
      `Unknown option ${given}: did you mean ${nearest}? See deno task server --help.`,
    );
  }
  assertStringIncludes(refusal(SERVER, "-v"), "Unknown option -v: did you mean --");
  assertStringIncludes(refusal(SERVER, "-5"), "Unknown option -5");
  assertStringIncludes(refusal(SERVER, "--__proto__=1"), "Unknown option --__proto__");
  assertStringIncludes(refusal(SERVER, "--constructor"), "Unknown option --constructor");
});

Deno.test("parseOptions() refuses an option of another command", () => {
  assertEquals(
    refusal(TOOL, "read --interval 1"),
    "--interval is an option of monitor only. See deno task tool read --help.",
  );
});

Deno.test("parseOptions() refuses a missing value, also when another option stands in its place", () => {
  const expected =
    "--freq lacks its value HZ: it must be a number from 1 to 1000. See deno task server --help.";
  for (const line of ["--freq", "--freq=", "--freq --check-config", "--freq -x"]) {
    assertEquals(refusal(SERVER, line), expected, line);
  }
  assertStringIncludes(refusal(SERVER, ["--config", ""]), "--config lacks its value PATH");
  assertStringIncludes(refusal(SERVER, "--cpu-affinity --freq 1"), "--cpu-affinity lacks its value N");
});

Deno.test("parseOptions() refuses values that are out of range or no numbers", () => {
  const suffix = "it must be a number from 1 to 1000. See deno task server --help.";
  for (
    const text of [
      "0",
      "1000.1",
      "-5",
      "1e9",
      "ten",
      "0x10",
      "1_0",
      "NaN",
      "Infinity",
      "1e999",
      "10hz",
      " 10",
      ",",
    ]
  ) {
    assertEquals(refusal(SERVER, [`--freq=${text}`]), `--freq is ${JSON.stringify(text)}: ${suffix}`);
  }
  assertEquals(
    refusal(TOOL, "monitor --count 1.5"),
    '--count is "1.5": it must be an integer of at least 1. See deno task tool monitor --help.',
  );
  for (const text of ["0,1024", "0,-1", "0,,1", "0,1.5", "a", ",", "0,"]) {
    assertStringIncludes(
      refusal(SERVER, [`--cpu-affinity=${text}`]),
      "one or more integers from 0 to 1023, such as 0 1 or 0,1.",
    );
  }
});

Deno.test("parseOptions() takes both ends of a range", () => {
  assertEquals(parse(SERVER, "--freq 1").options.freq, 1);
  assertEquals(parse(SERVER, "--freq 1000").options.freq, 1000);
  assertEquals(parse(SERVER, "--cpu-affinity 0,1023").options.cpuAffinity, [0, 1023]);
});

Deno.test("parseOptions() refuses what is not among the choices or not of the form", () => {
  assertEquals(
    refusal(SERVER, "--log-level info"),
    '--log-level is "info": it must be DEBUG or INFO. See deno task server --help.',
  );
  assertEquals(
    refusal(SERVER, "--http 80"),
    '--http is "80": it must be a host and a port such as 127.0.0.1:8080. See deno task server --help.',
  );
});

Deno.test("parseOptions() refuses an absent or unknown command", () => {
  assertEquals(
    refusal(TOOL, "--shm-name x"),
    "No command was given: it must be read, monitor or log. See deno task tool --help.",
  );
  assertEquals(
    refusal(TOOL, "raed"),
    'Unknown command "raed": did you mean read? See deno task tool --help.',
  );
  assertStringIncludes(refusal(TOOL, "toString"), 'Unknown command "toString"');
});

Deno.test("parseOptions() refuses surplus and missing arguments", () => {
  assertEquals(
    refusal(SERVER, "now"),
    'Unexpected argument "now": none is allowed here. See deno task server --help.',
  );
  assertEquals(
    refusal(TOOL, "log a b c d"),
    'Unexpected argument "d": at most 3 are allowed here. See deno task tool log --help.',
  );
  assertEquals(
    refusal(TOOL, "log alice"),
    "The argument ACTION-NAME is missing: what was done. See deno task tool log --help.",
  );
});

Deno.test("parseOptions() answers --version", () => {
  assertEquals(parseOptions(SERVER, ["--version"]), { text: "server 1.2.3\n" });
});

Deno.test("parseOptions() answers --help whatever else is wrong, a word after -- excepted", () => {
  for (
    const line of [["--help"], ["-h"], ["--", "-h"], ["--nonsense", "--help"], ["--version", "--help"], [
      "--freq",
      "0",
      "-h",
    ]]
  ) {
    const parsed = parseOptions(SERVER, line);
    assert("text" in parsed);
    assertStringIncludes(parsed.text, "Usage: deno task server [OPTIONS]\n");
  }
  const invocation = parse(TOOL, "log a b -- --help");
  assert(invocation.command === "log");
  assertEquals(invocation.positionals.details, "--help");
});
