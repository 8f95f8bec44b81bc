import { assertEquals, assertThrows } from "@std/assert";
import { CsvImport } from "../../../daemon/trace/csv_import.ts";
import { TraceLineError } from "../../../daemon/trace/trace_fields.ts";
import { formatTraceLine } from "../../../daemon/trace/trace_line.ts";

/** The lines that the rows under `header` become. */
function imported(header: string, ...rows: string[]): string[] {
  const importer = new CsvImport(header);
  return rows.flatMap((row) => importer.lines(row)).map(formatTraceLine);
}

Deno.test("CsvImport reads the columns of a collector's trace: seconds, and empty cells where nobody answered", () => {
  const header =
    "high_precision_time,system_time,chrony_last_offset,ntp_time,ntp_rtt,ntp_offset,ntp_delay,cpu_load";
  assertEquals(
    imported(
      header,
      "45347.54508,1742363179,0,1742363179,0.014417468,0.000626087,0.002761841,0.1",
      "45348.54724,1742363180.25,0,,,,,0.1\r",
    ),
    [
      '{"type":"query","local":1742363179000000000}',
      // t1 = t4 − 2 761 841 ns; t2 = t3 = t4 − ⌊2 761 841 / 2⌋ + 626 087.
      '{"type":"exchange","server":"csv","t1":1742363178997238159,"t2":1742363178999245167,"t3":1742363178999245167,"t4":1742363179000000000,"stratum":2,"root_delay":0,"root_dispersion":0,"precision":0.000001}',
      '{"type":"query","local":1742363180250000000}',
    ],
  );
});

Deno.test("CsvImport reads the columns of a client's trace: milliseconds, and the server's name", () => {
  const header = "timestamp,datetime,system_time,ntp_offset_ms,ntp_delay_ms,ntp_server";
  assertEquals(
    imported(
      header,
      "0,2025-10-15T15:30:33.226823,1760560233.226823,-1.5,20,pool.ntp.org",
      "0,2025-10-15T15:30:43.266949,1760560243.266949,NaN,None,",
    ),
    [
      '{"type":"query","local":1760560233226823000}',
      '{"type":"exchange","server":"pool.ntp.org","t1":1760560233206823000,"t2":1760560233215323000,"t3":1760560233215323000,"t4":1760560233226823000,"stratum":2,"root_delay":0,"root_dispersion":0,"precision":0.000001}',
      '{"type":"query","local":1760560243266949000}',
    ],
  );
});

Deno.test("CsvImport understands units in the header, ISO times, quotes, and an uncertainty for half a round trip", () => {
  const header = '"System Time","NTP Offset (us)",NTP-Uncertainty [ms],ntp_stratum,root_dispersion_ms';
  assertEquals(
    imported(
      header,
      '"2025-10-15T15:30:33.226823457+02:00",2e1,0.5,1,"0.25"',
      "2025-10-15 13:30:34,20,0,1,0.25",
    ),
    [
      '{"type":"query","local":1760535033226823457}',
      '{"type":"exchange","server":"csv","t1":1760535033225823457,"t2":1760535033226343457,"t3":1760535033226343457,"t4":1760535033226823457,"stratum":1,"root_delay":0,"root_dispersion":0.00025,"precision":0.000001}',
      '{"type":"query","local":1760535034000000000}',
    ],
  );
});

Deno.test("CsvImport refuses a header without the columns that it needs and values that are none", () => {
  const refusals: [() => unknown, string][] = [
    [() => new CsvImport("a,b,c"), "the header has no column system_time or timestamp or unix_time or time"],
    [() => new CsvImport("system_time,ntp_delay"), "the header has no column ntp_offset or offset"],
    [
      () => new CsvImport("system_time,ntp_offset"),
      "the header has no column ntp_delay or delay or ntp_rtt or rtt",
    ],
    [
      () => imported("system_time,ntp_offset,ntp_delay", "yesterday,0,1"),
      'system_time is "yesterday": it must be Unix time or ISO 8601, from 1970 to 2262',
    ],
    [
      () => imported("system_time,ntp_offset,ntp_delay", ",0,1"),
      'system_time is "": it must be Unix time or ISO 8601, from 1970 to 2262',
    ],
    [
      () => imported("system_time,ntp_offset_ms,ntp_delay", "17,1e400,1"),
      'ntp_offset_ms is "1e400": it must be a number of at most a year',
    ],
    [() => imported("system_time,ntp_offset,ntp_delay", '17,"0,1'), "it is no row of CSV"],
  ];
  for (const [attempt, message] of refusals) {
    assertEquals(assertThrows(attempt, TraceLineError).message, message);
  }
});
