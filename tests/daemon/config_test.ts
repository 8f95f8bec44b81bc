import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { parse as parseYaml } from "@std/yaml";
import {
  applyOverrides,
  type Config,
  ConfigError,
  loadConfig,
  type Overrides,
  parseConfig,
  parseServerAddress,
  restartRequired,
  segmentOf,
} from "../../daemon/config.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** The defaults of the design, each key spelt out. */
const DEFAULTS: Config = {
  sharedMemory: { name: "chronotick_shm", path: null },
  daemon: { updateFrequencyHz: 100, cpuAffinity: [], logLevel: "INFO" },
  ntp: {
    servers: [
      { host: "time.cloudflare.com", port: 123, text: "time.cloudflare.com" },
      { host: "time.google.com", port: 123, text: "time.google.com" },
      { host: "pool.ntp.org", port: 123, text: "pool.ntp.org" },
      { host: "time.nist.gov", port: 123, text: "time.nist.gov" },
    ],
    timeoutSeconds: 2,
    maxUncertaintyMs: 10,
    warmup: { durationSeconds: 180, intervalSeconds: 1 },
    intervalSeconds: 10,
  },
  models: {
    enabled: true,
    shortTerm: { enabled: true, path: null, intervalSeconds: 1, horizonSeconds: 5, contextLength: 100 },
    longTerm: { enabled: true, path: null, intervalSeconds: 30, horizonSeconds: 60, contextLength: 300 },
  },
  fusion: { method: "inverse_variance" },
  retrospective: { method: "replay" },
  status: { enabled: true, socketPath: null, socketMode: "0600", http: null, tokenFile: null },
  phc: { device: null, taiOffsetSeconds: 37 },
};

/** The same as YAML has them: what a configuration file that names every key consists of. */
const DOCUMENT = {
  shared_memory: { name: "chronotick_shm", path: null },
  daemon: { update_frequency_hz: 100, cpu_affinity: [], log_level: "INFO" },
  ntp: {
    servers: ["time.cloudflare.com", "time.google.com", "pool.ntp.org", "time.nist.gov"],
    timeout_seconds: 2,
    max_uncertainty_ms: 10,
    warmup: { duration_seconds: 180, interval_seconds: 1 },
    interval_seconds: 10,
  },
  models: {
    enabled: true,
    short_term: { enabled: true, path: null, interval_seconds: 1, horizon_seconds: 5, context_length: 100 },
    long_term: { enabled: true, path: null, interval_seconds: 30, horizon_seconds: 60, context_length: 300 },
  },
  fusion: { method: "inverse_variance" },
  retrospective: { method: "replay" },
  status: { enabled: true, socket_path: null, socket_mode: "0600", http: null, token_file: null },
  phc: { device: null, tai_offset_seconds: 37 },
};

/** Parses with model files that all exist. */
function parse(yamlText: string): Config {
  return parseConfig(yamlText, { fileName: "test.yaml", modelFileFault: () => null });
}

/** What is wrong with a configuration. */
function faults(yamlText: string): readonly string[] {
  return assertThrows(() => parse(yamlText), ConfigError).faults;
}

/** `a.b: value` as a document of nested sections. */
function nested(key: string, value: string): string {
  return key.split(".").map((name) => `{${name}: `).join("") + value + "}".repeat(key.split(".").length);
}

function valueOf(config: Config, camelKey: string): unknown {
  return camelKey.split(".").reduce<unknown>((outer, key) => (outer as Record<string, unknown>)[key], config);
}

function withFile(text: string | Uint8Array, operation: (path: string) => void): void {
  const folder = Deno.makeTempDirSync({ prefix: "chronotick-config-" });
  try {
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    Deno.writeFileSync(`${folder}/config.yaml`, bytes);
    operation(`${folder}/config.yaml`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("parseConfig() gives every key its default", () => {
  for (
    const text of ["", "# nothing\n", "{}", "---\n", "\ufeff", "ntp:\nmodels:\n  short_term:\nphc: {}\n"]
  ) {
    assertEquals(parse(text), DEFAULTS, JSON.stringify(text));
  }
});

Deno.test("config.yaml names every key with exactly its default", () => {
  assertEquals(parseYaml(Deno.readTextFileSync(`${ROOT}config.yaml`)), DOCUMENT);
  assertEquals(loadConfig(`${ROOT}config.yaml`), DEFAULTS);
});

Deno.test("parseConfig() takes every key", () => {
  const config = parse(`
shared_memory: { name: /other.name_1-x, path: /run/time/record }
daemon: { update_frequency_hz: 1000, cpu_affinity: [3, 0], log_level: DEBUG }
ntp:
  servers: [127.0.0.1:11123, "[2001:db8::1]:124", "::1", ntp.example.org]
  timeout_seconds: 0.5
  max_uncertainty_ms: 0.25
  warmup: { duration_seconds: 0, interval_seconds: 0.1 }
  interval_seconds: 64
models:
  enabled: false
  short_term: { enabled: false, path: /m/s.onnx, interval_seconds: 2, horizon_seconds: 3, context_length: 4 }
  long_term: { enabled: false, path: l.onnx, interval_seconds: 5, horizon_seconds: 6, context_length: 7 }
fusion: { method: inverse_variance }
retrospective: { method: drift_aware }
status: { enabled: false, socket_path: /run/c.sock, socket_mode: "0660", http: "[::]:80", token_file: /etc/token }
phc: { device: /dev/ptp0, tai_offset_seconds: 38 }
`);
  assertEquals(config, {
    sharedMemory: { name: "other.name_1-x", path: "/run/time/record" },
    daemon: { updateFrequencyHz: 1000, cpuAffinity: [3, 0], logLevel: "DEBUG" },
    ntp: {
      servers: [
        { host: "127.0.0.1", port: 11123, text: "127.0.0.1:11123" },
        { host: "2001:db8::1", port: 124, text: "[2001:db8::1]:124" },
        { host: "::1", port: 123, text: "::1" },
        { host: "ntp.example.org", port: 123, text: "ntp.example.org" },
      ],
      timeoutSeconds: 0.5,
      maxUncertaintyMs: 0.25,
      warmup: { durationSeconds: 0, intervalSeconds: 0.1 },
      intervalSeconds: 64,
    },
    models: {
      enabled: false,
      shortTerm: {
        enabled: false,
        path: "/m/s.onnx",
        intervalSeconds: 2,
        horizonSeconds: 3,
        contextLength: 4,
      },
      longTerm: { enabled: false, path: "l.onnx", intervalSeconds: 5, horizonSeconds: 6, contextLength: 7 },
    },
    fusion: { method: "inverse_variance" },
    retrospective: { method: "drift_aware" },
    status: {
      enabled: false,
      socketPath: "/run/c.sock",
      socketMode: "0660",
      http: { host: "::", port: 80 },
      tokenFile: "/etc/token",
    },
    phc: { device: "/dev/ptp0", taiOffsetSeconds: 38 },
  });
});

/** Key in YAML and in Config, values that are permitted, values that are not, and what the fault says is permitted. */
const RANGES: readonly [string, string, readonly unknown[], readonly string[], string][] = [
  ["shared_memory.name", "sharedMemory.name", ["a", "...", ".a", "x".repeat(200), "A-b_c.9"], [
    '""',
    "/",
    ".",
    "..",
    "/..",
    "a/b",
    "//a",
    "ä",
    '"a b"',
    '"a\\n"',
    "7",
    "x".repeat(201),
    "null",
  ], "1 to 200 letters, digits, dots, dashes and underscores, after at most one slash"],
  ["shared_memory.path", "sharedMemory.path", [null, "/a", "/run/a b/..c", `/${"x".repeat(4001)}`], [
    '""',
    "/",
    "a",
    "a/b",
    "/a/",
    '"/a\\0b"',
    "7",
    `/${"x".repeat(4002)}`,
  ], "null or an absolute path of a file, such as /run/chronotick/record"],
  ["daemon.update_frequency_hz", "daemon.updateFrequencyHz", [1, 1000], [
    "0",
    "1001",
    "1.5",
    "-5",
    ".nan",
    ".inf",
    "null",
    "true",
    "fast",
    "[100]",
  ], "an integer from 1 to 1000"],
  [
    "daemon.log_level",
    "daemon.logLevel",
    ["DEBUG", "INFO", "WARNING", "ERROR"],
    ["info", "TRACE", "1"],
    "one of DEBUG, INFO, WARNING, ERROR",
  ],
  [
    "ntp.timeout_seconds",
    "ntp.timeoutSeconds",
    [0.001, 10],
    ["0", "-1", "10.001"],
    "a number above 0 and up to 10",
  ],
  [
    "ntp.max_uncertainty_ms",
    "ntp.maxUncertaintyMs",
    [0.001, 60_000],
    ["0", "60001"],
    "a number above 0 and up to 60000",
  ],
  [
    "ntp.warmup.duration_seconds",
    "ntp.warmup.durationSeconds",
    [0, 86_400],
    ["-1", "86401"],
    "a number from 0 to 86400",
  ],
  [
    "ntp.warmup.interval_seconds",
    "ntp.warmup.intervalSeconds",
    [0.01, 3600],
    ["0.009", "3601"],
    "a number from 0.01 to 3600",
  ],
  [
    "ntp.interval_seconds",
    "ntp.intervalSeconds",
    [0.01, 3600],
    ["0.009", "3601"],
    "a number from 0.01 to 3600",
  ],
  ["models.enabled", "models.enabled", [true, false], ["yes", "1", "null"], "true or false"],
  ["models.short_term.enabled", "models.shortTerm.enabled", [true, false], ["on"], "true or false"],
  [
    "models.short_term.horizon_seconds",
    "models.shortTerm.horizonSeconds",
    [1, 3600],
    ["3601"],
    "a number from 0.1 to 3600",
  ],
  [
    "models.short_term.interval_seconds",
    "models.shortTerm.intervalSeconds",
    [0.01, 5],
    ["0.009"],
    "a number from 0.01 to 3600",
  ],
  [
    "models.long_term.context_length",
    "models.longTerm.contextLength",
    [2, 10_000],
    ["1", "10001", "2.5"],
    "an integer from 2 to 10000",
  ],
  ["fusion.method", "fusion.method", ["inverse_variance"], ["mean"], "inverse_variance"],
  ["retrospective.method", "retrospective.method", ["none", "linear", "drift_aware", "replay"], [
    "null",
    "Replay",
  ], "one of none, linear, drift_aware, replay"],
  ["phc.device", "phc.device", ["/dev/ptp0", "/dev/by-id/ptp.1", null], [
    "ptp0",
    "/dev/",
    "/dev/../etc/x",
    "/dev/a b",
    "0",
  ], "null or a path such as /dev/ptp0"],
  [
    "phc.tai_offset_seconds",
    "phc.taiOffsetSeconds",
    [0, 100],
    ["-1", "101", "37.5"],
    "an integer from 0 to 100",
  ],
];

for (const [key, camelKey, permitted, refused, expected] of RANGES) {
  Deno.test(`parseConfig() takes ${key} only within its range`, () => {
    for (const value of permitted) {
      assertEquals(valueOf(parse(nested(key, JSON.stringify(value))), camelKey), value);
    }
    for (const value of refused) {
      const [fault, ...others] = faults(nested(key, value));
      assertEquals(others, [], value);
      assertStringIncludes(fault!, `${key} is `);
      assertStringIncludes(fault!, `: it must be ${expected}`, value);
    }
  });
}

Deno.test("parseConfig() names key, value and range in one sentence", () => {
  assertEquals(faults("daemon: {update_frequency_hz: 5000}"), [
    "daemon.update_frequency_hz is 5000: it must be an integer from 1 to 1000.",
  ]);
  assertEquals(faults("daemon: {log_level: }"), [
    "daemon.log_level is null: it must be one of DEBUG, INFO, WARNING, ERROR.",
  ]);
});

Deno.test("parseConfig() refuses a number in quotes and says so", () => {
  assertEquals(faults('daemon: {update_frequency_hz: "100"}'), [
    'daemon.update_frequency_hz is "100": it must be an integer from 1 to 1000, without quotes.',
  ]);
  assertEquals(faults('ntp: {timeout_seconds: "soon"}'), [
    'ntp.timeout_seconds is "soon": it must be a number above 0 and up to 10.',
  ]);
});

Deno.test("parseConfig() refuses processors that cannot exist", () => {
  assertEquals(parse("daemon: {cpu_affinity: [0, 1023]}").daemon.cpuAffinity, [0, 1023]);
  assertEquals(faults("daemon: {cpu_affinity: [0, 1024, -1, 1.5, '2']}"), [
    "daemon.cpu_affinity[1] is 1024: it must be an integer from 0 to 1023.",
    "daemon.cpu_affinity[2] is -1: it must be an integer from 0 to 1023.",
    "daemon.cpu_affinity[3] is 1.5: it must be an integer from 0 to 1023.",
    'daemon.cpu_affinity[4] is "2": it must be an integer from 0 to 1023, without quotes.',
  ]);
  const expected = "it must be a list of at most 1024 processor numbers, such as [0, 1].";
  assertEquals(faults("daemon: {cpu_affinity: 0}"), [`daemon.cpu_affinity is 0: ${expected}`]);
  assertEquals(faults(`daemon: {cpu_affinity: [${"0,".repeat(1025)}]}`), [
    `daemon.cpu_affinity is a list of 1025: ${expected}`,
  ]);
});

Deno.test("parseConfig() refuses unknown keys at any depth and names the nearest", () => {
  const cases = [
    ["deamon: {}", "deamon", "daemon"],
    ["ntp: {sevrers: []}", "ntp.sevrers", "ntp.servers"],
    ["ntp: {warmup: {duration: 1}}", "ntp.warmup.duration", "ntp.warmup.duration_seconds"],
    [
      "models: {short_term: {contextLength: 1}}",
      "models.short_term.contextLength",
      "models.short_term.context_length",
    ],
    ["servers: []", "servers", "ntp.servers"],
    ["log_level: INFO", "log_level", "daemon.log_level"],
    ["ntp: {path: x}", "ntp.path", "shared_memory.path, models.short_term.path or models.long_term.path"],
  ] as const;
  for (const [text, key, nearest] of cases) {
    assertEquals(faults(text), [`unknown key ${key}: did you mean ${nearest}?`]);
  }
});

Deno.test("parseConfig() treats the names of object members like any other unknown key", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    assertMatch(
      faults(`{${name}: {servers: []}}`)[0]!,
      new RegExp(`^unknown key ${name}: did you mean \\w+\\?$`),
    );
    assertStringIncludes(faults(`ntp: {${name}: 1}`)[0]!, `unknown key ntp.${name}: did you mean ntp.`);
  }
  assertEquals(Object.hasOwn(Object.prototype, "servers"), false);
});

Deno.test("parseConfig() quotes and cuts keys and values that would spoil a line", () => {
  assertStringIncludes(faults('"a\\nb": 1')[0]!, 'unknown key "a\\nb": did you mean ');
  assertEquals(faults(`ntp: {timeout_seconds: ${"z".repeat(10_000)}}`), [
    `ntp.timeout_seconds is "${"z".repeat(60)}…": it must be a number above 0 and up to 10.`,
  ]);
});

Deno.test("parseConfig() reports all faults at once", () => {
  const error = assertThrows(
    () =>
      parse("ntp: {timeout_seconds: 99, sevrers: [], servers: [x:0, x, X]}\nphc: {device: 3}\nmodles: {}"),
    ConfigError,
  );
  assertEquals(error.faults.length, 6);
  assertEquals(
    error.message,
    `Cannot use test.yaml:
  ntp.servers[0] is "x:0": it must be a host name or IP address, with or without a port from 1 to 65535, such as time.example.org, 192.0.2.1:123 or [2001:db8::1]:123.
  ntp.servers[2] is "X": it must be another server than x, which is listed already.
  ntp.timeout_seconds is 99: it must be a number above 0 and up to 10.
  unknown key ntp.sevrers: did you mean ntp.servers?
  phc.device is 3: it must be null or a path such as /dev/ptp0.
  unknown key modles: did you mean models?`,
  );
});

Deno.test("ConfigError says a single fault in one line", () => {
  const error = assertThrows(() => parse("ntp: {timeout_seconds: 99}"), ConfigError);
  assertEquals(
    error.message,
    "Cannot use test.yaml: ntp.timeout_seconds is 99: it must be a number above 0 and up to 10.",
  );
});

Deno.test("parseConfig() refuses a section that is no mapping", () => {
  for (
    const [value, shown] of [
      ["3", "3"],
      ["text", '"text"'],
      ["[1]", "a list of 1"],
      ["[]", "an empty list"],
      ["false", "false"],
    ]
  ) {
    assertEquals(faults(`ntp: ${value}`), [`ntp is ${shown}: it must be a mapping of keys to values.`]);
  }
  // Values of YAML that are objects in JavaScript.
  assertEquals(faults("ntp: 2024-01-02"), [
    "ntp is the date 2024-01-02T00:00:00.000Z: it must be a mapping of keys to values.",
  ]);
  assertEquals(faults("ntp: !!binary aGk="), ["ntp is binary data: it must be a mapping of keys to values."]);
  assertEquals(
    faults("shared_memory: {name: {a: 1}}")[0]!.startsWith("shared_memory.name is a mapping: "),
    true,
  );
});

Deno.test("parseConfig() refuses a document that is no mapping", () => {
  assertEquals(faults("- 1"), ["the document is a list of 1: it must be a mapping of keys to values."]);
  assertEquals(faults("hello"), ['the document is "hello": it must be a mapping of keys to values.']);
});

Deno.test("parseConfig() says in which line the YAML is wrong", () => {
  const cases = [
    ["ntp:\n  servers: [a\ndaemon: {}", "line 3, column 1"],
    ["ntp: {}\nntp: {}\n", "line 2, column 1"],
    ["a: b: c", "line 1, column 5"],
    ["ntp: *nowhere", "line 1, column 14"],
    ["ntp: {}\n---\nntp: {}\n", "line 2, column 1"],
    ["ntp: !!js/function x", "line 1, column"],
    ["ntp: {servers: [[::1]:123]}\n  - x", "line "],
  ] as const;
  for (const [text, position] of cases) {
    const [fault, ...others] = faults(text);
    assertEquals(others, []);
    assertStringIncludes(fault!, `it is no YAML: ${position}`);
    assertEquals(fault!.includes("\n"), false);
  }
  assertStringIncludes(faults("ntp: {}\nntp: {}\n")[0]!, "duplicated key");
});

Deno.test("parseConfig() survives hostile YAML", () => {
  assertEquals(faults("[".repeat(500_000)), ["it is nested too deeply."]);
  assertEquals(faults("ntp: &a [*a]"), ["ntp is a list of 1: it must be a mapping of keys to values."]);
  assertEquals(faults("ntp: {servers: &a [*a]}").length, 1);
  const laughs = Array.from(
    { length: 30 },
    (_, level) => `l${level + 1}: &l${level + 1} [*l${level}, *l${level}]`,
  );
  assertEquals(faults(`l0: &l0 [1]\n${laughs.join("\n")}\n`).length, 31);
  const fiftyAndMore = faults(Array.from({ length: 100_000 }, (_, index) => `k${index}: 1\n`).join(""));
  assertEquals(fiftyAndMore.length, 51);
  assertEquals(fiftyAndMore.at(-1), "There are 99950 more faults.");
});

Deno.test("parseConfig() follows YAML's anchors and merges", () => {
  const { models } = parse(`
models:
  short_term: &model { enabled: false, context_length: 50, horizon_seconds: 60, interval_seconds: 3 }
  long_term: { <<: *model, context_length: 70 }
`);
  assertEquals([models.shortTerm.contextLength, models.longTerm.contextLength], [50, 70]);
  assertEquals([models.longTerm.enabled, models.longTerm.intervalSeconds], [false, 3]);
});

Deno.test("parseConfig() takes no server, sixteen servers, and never seventeen", () => {
  const list = (count: number) =>
    `ntp: {servers: [${Array.from({ length: count }, (_, i) => `s${i}`).join(", ")}]}`;
  assertEquals(parse(list(0)).ntp.servers, []);
  assertEquals(parse(list(16)).ntp.servers.length, 16);
  assertEquals(faults(list(17)), [
    "ntp.servers is a list of 17: it must be a list of at most 16 servers, and these are 17.",
  ]);
  assertEquals(faults("ntp: {servers: pool.ntp.org}"), [
    'ntp.servers is "pool.ntp.org": it must be a list of at most 16 servers.',
  ]);
  assertStringIncludes(
    faults("ntp: {servers: [1, null]}")[0]!,
    "ntp.servers[0] is 1: it must be a host name",
  );
});

Deno.test("parseConfig() refuses a server that is listed twice, however it is spelt", () => {
  for (
    const [first, second] of [["a.example", "A.Example."], ["a", "a:123"], ["::1", "[::1]:123"]] as const
  ) {
    assertEquals(faults(`ntp: {servers: ["${first}", "${second}"]}`), [
      `ntp.servers[1] is "${second}": it must be another server than ${first}, which is listed already.`,
    ]);
  }
  assertEquals(parse("ntp: {servers: [a:123, a:124, '[::1]:124']}").ntp.servers.length, 3);
});

Deno.test("parseConfig() refuses a horizon shorter than the interval, defaults included", () => {
  assertEquals(
    faults(
      "models: {short_term: {interval_seconds: 9, context_length: many}, long_term: {horizon_seconds: 10}}",
    ),
    [
      'models.short_term.context_length is "many": it must be an integer from 2 to 10000.',
      "models.short_term.horizon_seconds is 5: it must be at least interval_seconds, which is 9.",
      "models.long_term.horizon_seconds is 10: it must be at least interval_seconds, which is 30.",
    ],
  );
});

Deno.test("parseConfig() asks for model files from the configuration's folder on", () => {
  const asked: string[] = [];
  const { models } = parseConfig("models: {short_term: {path: m/s.onnx}, long_term: {path: /l.onnx}}", {
    fileName: "/etc/chronotick/config.yaml",
    modelFileFault: (path) => (asked.push(path), null),
  });
  assertEquals(asked, ["/etc/chronotick/m/s.onnx", "/l.onnx"]);
  assertEquals([models.shortTerm.path, models.longTerm.path], asked);
});

Deno.test("loadConfig() refuses model paths that lead to no readable .onnx file", () => {
  withFile("models: {short_term: {path: there.onnx}, long_term: {path: there.onnx}}", (path) => {
    const folder = path.replace("/config.yaml", "");
    const expected = 'is "there.onnx": it must be null or the path of a readable .onnx file, but';
    const refusal = (reason: string) => {
      const error = assertThrows(() => loadConfig(path), ConfigError);
      assertEquals(error.faults, [
        `models.short_term.path ${expected} ${reason} (${folder}/there.onnx).`,
        `models.long_term.path ${expected} ${reason} (${folder}/there.onnx).`,
      ]);
    };
    refusal("there is no such file");
    Deno.mkdirSync(`${folder}/there.onnx`);
    refusal("it is no file");
    Deno.removeSync(`${folder}/there.onnx`);
    Deno.writeTextFileSync(`${folder}/there.onnx`, "");
    assertEquals(loadConfig(path).models.shortTerm.path, `${folder}/there.onnx`);
  });
  assertEquals(faults("models: {short_term: {path: /m/model.pt}}"), [
    'models.short_term.path is "/m/model.pt": it must be null or the path of a readable .onnx file, but its name ends otherwise.',
  ]);
  assertEquals(faults("models: {short_term: {path: 3}}"), [
    "models.short_term.path is 3: it must be null or the path of a readable .onnx file.",
  ]);
});

Deno.test("loadConfig() without a path gives the defaults", () => {
  assertEquals(loadConfig(), DEFAULTS);
});

Deno.test("loadConfig() reads a file and puts the overrides over it", () => {
  withFile("daemon: {update_frequency_hz: 7, log_level: ERROR}", (path) => {
    const config = loadConfig(path, { updateFrequencyHz: 8, shmName: undefined });
    assertEquals(config.daemon, { updateFrequencyHz: 8, cpuAffinity: [], logLevel: "ERROR" });
  });
});

Deno.test("loadConfig() says in one sentence why a file cannot be read", () => {
  const refusal = (path: string) => assertThrows(() => loadConfig(path), ConfigError).message;
  assertEquals(refusal("/nowhere/config.yaml"), "Cannot use /nowhere/config.yaml: there is no such file.");
  assertEquals(refusal("/tmp"), "Cannot use /tmp: it is a folder.");
  assertEquals(refusal("/dev/zero"), "Cannot use /dev/zero: it is larger than 1048576 bytes.");
  withFile(new Uint8Array([0x61, 0xff, 0xfe]), (path) => {
    assertEquals(refusal(path), `Cannot use ${path}: it is not UTF-8 text.`);
  });
});

Deno.test("loadConfig() takes a file of exactly the largest size", () => {
  const text = "ntp: {timeout_seconds: 3}\n#".padEnd(1024 * 1024, " ");
  withFile(text, (path) => assertEquals(loadConfig(path).ntp.timeoutSeconds, 3));
  withFile(text + " ", (path) => {
    assertStringIncludes(
      assertThrows(() => loadConfig(path), ConfigError).message,
      "larger than 1048576 bytes",
    );
  });
});

Deno.test("applyOverrides() changes what is given and nothing else", () => {
  assertEquals(applyOverrides(DEFAULTS, {}), DEFAULTS);
  assertEquals(
    applyOverrides(DEFAULTS, { shmName: "/x", updateFrequencyHz: 5, cpuAffinity: [1], logLevel: "ERROR" }),
    {
      ...DEFAULTS,
      sharedMemory: { name: "x", path: null },
      daemon: { updateFrequencyHz: 5, cpuAffinity: [1], logLevel: "ERROR" },
    },
  );
  assertEquals(DEFAULTS.daemon.updateFrequencyHz, 100);
});

Deno.test("applyOverrides() publishes where the command line says, whether that is a name or a path", () => {
  const inFile = { ...DEFAULTS, sharedMemory: { name: "configured", path: "/configured" } };
  const segment = (overrides: Overrides) => segmentOf(applyOverrides(inFile, overrides));
  assertEquals(segment({}), "/configured");
  assertEquals(segment({ shmName: "given" }), "given");
  assertEquals(segment({ shmPath: "/given" }), "/given");
  assertEquals(segmentOf(DEFAULTS), "chronotick_shm");
});

Deno.test("applyOverrides() refuses what the configuration may not say either, by the option's name", () => {
  const { faults } = assertThrows(
    () => applyOverrides(DEFAULTS, { shmName: "a/b", updateFrequencyHz: 0, cpuAffinity: [1024] }),
    ConfigError,
    "Cannot use the command line:",
  );
  assertEquals(faults, [
    '--shm-name is "a/b": it must be 1 to 200 letters, digits, dots, dashes and underscores, after at most one slash.',
    "--freq is 0: it must be an integer from 1 to 1000.",
    "--cpu-affinity[0] is 1024: it must be an integer from 0 to 1023.",
  ]);
});

Deno.test("HTTP is served beyond loopback only where a token is asked for", () => {
  const fault =
    "it must be on a loopback address such as 127.0.0.1:8125, unless status.token_file names a bearer token.";
  for (const open of ["0.0.0.0:80", "192.0.2.1:80", "[::]:80", "[2001:db8::1]:80"]) {
    const [only] = faults(`status: { http: "${open}" }`);
    assertStringIncludes(only!, fault);
    parse(`status: { http: "${open}", token_file: /t }`);
    const { faults: ofCommand } = assertThrows(() => applyOverrides(DEFAULTS, { http: open }), ConfigError);
    assertEquals(ofCommand, [`--http is ${open}: ${fault}`]);
  }
  for (const own of ["127.0.0.1:0", "127.9.9.9:65535", "[::1]:8125", "localhost:1"]) {
    parse(`status: { http: "${own}" }`);
    applyOverrides(DEFAULTS, { http: own });
  }
  for (
    const none of ["8125", ":8125", "127.0.0.1", "127.0.0.1:65536", "::1:80", "host.example:80", "[x]:1"]
  ) {
    assertEquals(faults(`status: { http: "${none}" }`).length, 1, none);
    assertThrows(() => applyOverrides(DEFAULTS, { http: none }), ConfigError, "--http is");
  }
});

Deno.test("restartRequired() names the segment, the models and the PTP clock", () => {
  assertEquals(restartRequired(DEFAULTS, structuredClone(DEFAULTS)), []);
  assertEquals(
    restartRequired(DEFAULTS, applyOverrides(DEFAULTS, { updateFrequencyHz: 1, cpuAffinity: [0] })),
    [],
  );
  assertEquals(restartRequired(DEFAULTS, applyOverrides(DEFAULTS, { shmName: "x" })), ["shared_memory.name"]);
  assertEquals(restartRequired(DEFAULTS, applyOverrides(DEFAULTS, { shmPath: "/x" })), [
    "shared_memory.path",
  ]);
  assertEquals(restartRequired(DEFAULTS, { ...DEFAULTS, models: { ...DEFAULTS.models, enabled: false } }), [
    "models",
  ]);
  const fresh = { ...DEFAULTS, phc: { ...DEFAULTS.phc, taiOffsetSeconds: 0 } };
  assertEquals(restartRequired(DEFAULTS, fresh), ["phc"]);
});

Deno.test("parseServerAddress() reads hosts, addresses and ports", () => {
  const cases = [
    ["time.example.org", "time.example.org", 123],
    ["time.example.org:11123", "time.example.org", 11123],
    ["localhost", "localhost", 123],
    ["a.b.c.", "a.b.c.", 123],
    ["3com.example:1", "3com.example", 1],
    ["x-y:65535", "x-y", 65535],
    [`${"a".repeat(63)}.b`, `${"a".repeat(63)}.b`, 123],
    ["192.0.2.1", "192.0.2.1", 123],
    ["192.0.2.1:124", "192.0.2.1", 124],
    ["::1", "::1", 123],
    ["2001:db8::1", "2001:db8::1", 123],
    ["[2001:db8::1]", "2001:db8::1", 123],
    ["[2001:db8::1]:124", "2001:db8::1", 124],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1", 123],
  ] as const;
  for (const [text, host, port] of cases) assertEquals(parseServerAddress(text), { host, port, text });
});

Deno.test("parseServerAddress() refuses what is no server", () => {
  const refused = [
    ...[
      "",
      " ",
      "a b",
      " a",
      "a ",
      "a\n",
      ":123",
      "a:",
      "a:0",
      "a:65536",
      "a:-1",
      "a:1e3",
      "a:123:4",
      "a:x",
      "a:+1",
    ],
    ...[
      "-a",
      "a-",
      "a..b",
      ".a",
      ".",
      "ä.example",
      "a/b",
      "http://a",
      "user@a",
      "a,b",
      "*",
      `${"a".repeat(64)}.b`,
    ],
    ...["1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4:0", "123", "a.".repeat(127) + "a"],
    ...[
      "[::1",
      "::1]",
      "[::1]x",
      "[::1]:",
      "[::1]:0",
      "[]",
      "[]:123",
      "[1.2.3.4]:123",
      "[a]:1",
      "1::2::3",
      ":::",
      "[[::1]]",
    ],
  ];
  for (const text of refused) assertEquals(parseServerAddress(text), null, JSON.stringify(text));
});
