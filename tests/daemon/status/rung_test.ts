import { assertEquals } from "@std/assert";
import { type Rung, rungOf } from "../../../daemon/status/rung.ts";
import { CorrectionSource, Flag } from "../../../record/layout.ts";

Deno.test("rungOf() reads the ladder from a record's flags and source", () => {
  const cases: [number, number, Rung][] = [
    [Flag.VALID, CorrectionSource.FUSION, "fusion"],
    [Flag.VALID, CorrectionSource.GPU_MODEL, "long_term_model"],
    [Flag.VALID, CorrectionSource.CPU_MODEL, "short_term_model"],
    [Flag.VALID | Flag.PHC, CorrectionSource.NTP, "measurement"],
    [Flag.VALID | Flag.HOLDOVER, CorrectionSource.FUSION, "holdover"],
    [Flag.VALID | Flag.SYSTEM_CLOCK, CorrectionSource.NO_DATA, "system_clock"],
    [Flag.SYSTEM_CLOCK | Flag.UNSYNCHRONIZED, CorrectionSource.NO_DATA, "no_data"],
    [Flag.DISRUPTED, CorrectionSource.NO_DATA, "no_data"],
  ];
  for (const [flags, source, rung] of cases) assertEquals(rungOf(flags, source), rung);
});
