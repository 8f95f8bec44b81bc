import { assertAlmostEquals, assertEquals } from "@std/assert";
import { RecordTap } from "../../../daemon/publish/record_tap.ts";
import { ChronoTickClient } from "../../../mod.ts";
import { PublishedRecord } from "../../support/published_record.ts";

Deno.test("RecordTap sees what a reader sees", () => {
  using published = new PublishedRecord({ offsetCorrection: 0.0125 });
  using client = new ChronoTickClient({ shmName: published.name });
  const { record, state, ageSeconds } = new RecordTap(published.words.buffer).observe()!;
  const seen = client.read();
  assertEquals([state, record.offsetCorrection, record.boottimeAnchor], [
    "valid",
    0.0125,
    seen.boottimeAnchor,
  ]);
  // Both looked within the same second or so, the tap first.
  assertEquals(ageSeconds <= seen.ageSeconds, true);
  assertAlmostEquals(ageSeconds, seen.ageSeconds, 1);
});

Deno.test("RecordTap gives up on a write that never ends, counts its attempts, and sees the next publication", () => {
  using published = new PublishedRecord({ offsetCorrection: 1 });
  const tap = new RecordTap(published.words.buffer);
  published.leaveWriteUnderWay();
  assertEquals(tap.observe(), null);
  assertEquals(tap.retries, 64);
  published.publish({ offsetCorrection: 2 });
  assertEquals(tap.observe()!.record.offsetCorrection, 2);
  assertEquals(tap.retries, 64);
});
