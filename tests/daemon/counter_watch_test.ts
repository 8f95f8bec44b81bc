import { assertEquals, assertStringIncludes } from "@std/assert";
import { CounterWatch } from "../../daemon/counter_watch.ts";

const QUIET = { publications: 6000, latePublications: 300, tornReadRetries: 100, slowInferences: 10 };

Deno.test("CounterWatch is silent as long as what should be rare is rare", () => {
  const watch = new CounterWatch();
  assertEquals(watch.look(QUIET), []); // 300 of 6000 are just the 5 % that are permitted
  assertEquals(watch.look({ ...QUIET, publications: 12_000 }), []);
});

Deno.test("CounterWatch tells each kind of trouble by its number since the last look, and not again when it is over", () => {
  const watch = new CounterWatch();
  watch.look(QUIET);
  const worse = { publications: 12_000, latePublications: 700, tornReadRetries: 250, slowInferences: 21 };
  const remarks = watch.look(worse);
  assertEquals(remarks.length, 3);
  assertStringIncludes(remarks[0]!, "400 of 6000 publications");
  assertStringIncludes(remarks[1]!, "150 times");
  assertStringIncludes(remarks[2]!, "11 answers");
  assertEquals(watch.look({ ...worse, publications: 18_000 }), []);
});
