/** Two programs of the shapes that ChronoTick has: one without commands, one with. */
import type { Program } from "../../cli/program.ts";

export const SERVER = {
  name: "server",
  version: "1.2.3",
  invocation: "deno task server",
  summary: "Serve something",
  options: {
    config: { kind: "string", placeholder: "PATH", help: "Configuration to use" },
    checkConfig: { kind: "boolean", help: "Only check the configuration" },
    freq: {
      kind: "number",
      placeholder: "HZ",
      min: 1,
      max: 1000,
      default: 100,
      help: "Publications per second",
    },
    cpuAffinity: { kind: "integers", placeholder: "N", min: 0, max: 1023, help: "Processors to run on" },
    logLevel: {
      kind: "string",
      placeholder: "LEVEL",
      choices: ["DEBUG", "INFO"],
      help: "Least level to log",
    },
    bias: { kind: "number", placeholder: "S", help: "Seconds to add" },
    http: {
      kind: "string",
      placeholder: "HOST:PORT",
      format: { pattern: /^[^:]+:\d+$/, expected: "a host and a port such as 127.0.0.1:8080" },
      help: "Where to listen",
    },
  },
} as const satisfies Program;

export const TOOL = {
  name: "tool",
  version: "0.1.0",
  invocation: "deno task tool",
  summary: "Do one of several things",
  options: {
    shmName: { kind: "string", placeholder: "NAME", default: "chronotick_shm", help: "Segment to read" },
  },
  commands: {
    read: { summary: "Print the time once" },
    monitor: {
      summary: "Print it again and again",
      options: {
        interval: {
          kind: "number",
          placeholder: "S",
          min: 0.01,
          default: 1,
          help: "Seconds between two lines",
        },
        count: { kind: "number", placeholder: "N", min: 1, isInteger: true, help: "Lines to print" },
        pretty: { kind: "boolean", help: "Indent" },
      },
    },
    log: {
      summary: "Note an action",
      options: { debug: { kind: "boolean", help: "Say more" } },
      positionals: {
        agent: { help: "who did it" },
        actionName: { help: "what was done" },
        details: { help: "anything else", isOptional: true },
      },
    },
  },
  examples: [{ line: "deno task tool monitor --count 3", help: "Three lines" }],
} as const satisfies Program;
