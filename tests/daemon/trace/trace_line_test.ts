import { assertEquals, assertThrows } from "@std/assert";
import { MAX_LINE_BYTES, TraceLineError } from "../../../daemon/trace/trace_fields.ts";
import { formatTraceLine, parseTraceLine } from "../../../daemon/trace/trace_line.ts";

/** The three line types that anybody may write, as Python's json.dumps writes them. */
const EXCHANGE = '{"type": "exchange", "server": "a", "t1": 45347545080123456, "t2": 1742363179000000001, ' +
  '"t3": 1742363179000020003, "t4": 45347547080123457, "stratum": 2, "root_delay": 0.028, "root_dispersion": 1e-05}';

Deno.test("parseTraceLine() keeps nanoseconds that no double can hold", () => {
  assertEquals(parseTraceLine(EXCHANGE), {
    type: "exchange",
    localRawNs: 45347547080123457n,
    exchange: {
      source: "a",
      t1RawNs: 45347545080123456n,
      t2UtcNs: 1742363179000000001n,
      t3UtcNs: 1742363179000020003n,
      t4RawNs: 45347547080123457n,
      stratum: 2,
      leap: 0,
      rootDelaySeconds: 0.028,
      rootDispersionSeconds: 0.00001,
      precisionSeconds: 1e-6,
    },
  });
  const query = parseTraceLine('{"type":"query","local":9223372036854775807,"for":-9223372036854775808}');
  assertEquals(query, {
    type: "query",
    localRawNs: 9223372036854775807n,
    forRawNs: -9223372036854775808n,
  });
});

Deno.test("parseTraceLine() takes readings of sensors and of other clocks, whatever they say", () => {
  const temperature = parseTraceLine(
    '{"type":"temperature","local":17,"celsius":41.5,"sensor":"x86_pkg_temp"}',
  );
  assertEquals(temperature, { type: "temperature", localRawNs: 17n });
  const clock = parseTraceLine('{"type":"clock","local":18,"realtime":1742363179000000001}');
  assertEquals(clock, { type: "clock", localRawNs: 18n });
});

Deno.test("parseTraceLine() leaves alone what it does not know, and takes null for absent", () => {
  const text = '{"type":"query","local":17,"for":null,"truth":{"for":3},"__proto__":{"local":1}}\r';
  assertEquals(parseTraceLine(text), { type: "query", localRawNs: 17n, forRawNs: 17n });
  const lost = parseTraceLine('{"type":"lost","server":"a","t1":5}');
  assertEquals(lost, { type: "lost", localRawNs: 5n, source: "a", t1RawNs: 5n });
});

Deno.test("parseTraceLine() takes an answer of a server that is not synchronized for a lost one", () => {
  const line = parseTraceLine(EXCHANGE.replace('"stratum": 2', '"stratum": 16, "leap": 3'));
  assertEquals(line, {
    type: "lost",
    localRawNs: 45347547080123457n,
    source: "a",
    t1RawNs: 45347545080123456n,
  });
});

/** One of each type, as a daemon writes it. */
const RECORDED = [
  '{"type":"start","version":1,"local":5408246407625,"program":"chronotick-daemon 0.1.0","base_raw":5408246407625,"base_utc":1795232690704830965,"warmup":180,"holdover_after":66,"horizon":60,"max_uncertainty":0.01,"sources":1,"settle":0,"prior_frequency":0.00002,"prior_frequency_variance":1e-14,"prior_floors":{"a":0.002}}',
  '{"type":"options","local":7,"warmup":2,"holdover_after":1.7,"horizon":60,"max_uncertainty":0.01,"sources":0,"settle":0,"retrospective":"drift_aware"}',
  '{"type":"exchange","local":9,"server":"ntp.example|192.0.2.1:123","t1":1,"t2":1742363179000000001,"t3":1742363179000020003,"t4":8,"stratum":1,"leap":2,"root_delay":0,"root_dispersion":0.0000152587890625,"precision":1.1920928955078125e-7}',
  '{"type":"lost","local":2000000005,"server":"a","t1":5}',
  '{"type":"query","local":12,"for":60000000012}',
  '{"type":"kernel","local":13,"synchronized":true,"max_error":0.0123,"estimated_error":0.001,"frequency":-0.00001,"pending_leap":-1,"tai_offset":37}',
  '{"type":"predict","local":14,"number":2}',
  '{"type":"predict","local":14,"number":3,"models":"failing","forecast":-0.000001,"forecast_sigma":0.000002,"forecast_source":2}',
  '{"type":"published","local":15,"number":2,"disruptions":1,"raw":14,"realtime":1795232690771724555,"boottime":5408563188561,"steering":-0.0005,"allowance":0.0000057}',
  '{"type":"disruption","local":16,"count":1,"reason":"vm_disruption"}',
];

Deno.test("formatTraceLine() gives back every line that parseTraceLine() read, to the last digit", () => {
  for (const text of RECORDED) assertEquals(formatTraceLine(parseTraceLine(text)), text);
});

Deno.test("parseTraceLine() refuses broken and hostile lines and says what is wrong", () => {
  const fields = (changes: string) =>
    `{"type":"exchange","server":"a","t1":1,"t2":2,"t3":2,"t4":3,"stratum":2,${changes}}`;
  const refusals: [string, string][] = [
    ['{"type":"query","local":12', "it is no JSON"],
    ["[".repeat(MAX_LINE_BYTES / 2), "it is no JSON"],
    ["[".repeat(30_000) + "]".repeat(30_000), "it is no JSON"],
    ["[1]", "it is a list: it must be a JSON object"],
    ["17", "it is 17: it must be a JSON object"],
    ["null", "it is null: it must be a JSON object"],
    ["{}", 'it has no "type"'],
    ['{"type":"query"}', 'it has no "local"'],
    [
      '{"type":"query","local":1.5}',
      '"local" is 1.5: it must be an integer of nanoseconds that fits 64 bits',
    ],
    [
      '{"type":"query","local":1e18}',
      '"local" is 1e18: it must be an integer of nanoseconds that fits 64 bits',
    ],
    [
      '{"type":"query","local":"1"}',
      '"local" is "1": it must be an integer of nanoseconds that fits 64 bits',
    ],
    [
      '{"type":"query","local":9223372036854775808}',
      '"local" is 9223372036854775808: it must be an integer of nanoseconds that fits 64 bits',
    ],
    [
      `{"type":"query","local":1${"0".repeat(60_000)}}`,
      `"local" is 1${"0".repeat(59)}…: it must be an integer of nanoseconds that fits 64 bits`,
    ],
    [
      fields('"root_delay":1e999,"root_dispersion":0'),
      '"root_delay" is 1e999: it must be a number from 0 to 10000000000',
    ],
    [
      fields('"root_delay":0,"root_dispersion":-1'),
      '"root_dispersion" is -1: it must be a number from 0 to 10000000000',
    ],
    [fields('"root_delay":0'), 'it has no "root_dispersion"'],
    [fields('"leap":4'), '"leap" is 4: it must be an integer from 0 to 3'],
    [fields('"t4":0'), 'the answer came before the question: "t4" is less than "t1"'],
    ['{"type":"lost","server":"","t1":5}', '"server" is "": it must be a text of 1 to 512 characters'],
    [
      RECORDED[0]!.replace('"version":1', '"version":2'),
      '"version" is 2: it must be an integer from 1 to 1',
    ],
    [
      '{"type":"truth"}',
      '"type" is "truth": it must be one of start, options, exchange, lost, query, kernel, predict, published, disruption, temperature, clock',
    ],
  ];
  for (const [text, message] of refusals) {
    assertEquals(assertThrows(() => parseTraceLine(text), TraceLineError).message, message);
  }
});
