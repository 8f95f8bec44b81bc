import { assertEquals } from "@std/assert";
import {
  type Publication,
  PublicationWatch,
  realtimeNsAt,
} from "../../../daemon/publish/publication_watch.ts";

const SPREAD_NS = 200;

/** A publication at `rawNs` with the system clock `aheadNs` ahead of it. */
function publication(rawNs: bigint, aheadNs: bigint, changes: Partial<Publication> = {}): Publication {
  const clocks = { rawNs, realtimeNs: rawNs + aheadNs, boottimeNs: rawNs };
  return { number: 1, disruptions: 0, clocks, steeringRate: 0, allowanceSeconds: 0, ...changes };
}

Deno.test("PublicationWatch tells of the first publication, of each new prediction and of each disruption", () => {
  const watch = new PublicationWatch();
  const news = [
    publication(0n, 0n),
    publication(10_000_000n, 0n),
    publication(20_000_000n, 0n, { number: 2 }),
    publication(30_000_000n, 0n, { number: 2, disruptions: 1 }),
    publication(40_000_000n, 0n, { number: 2, disruptions: 1 }),
    // A step of the system clock: readers of a prediction on the raw clock see nothing of it.
    publication(50_000_000n, 1_000_000_000n, { number: 2, disruptions: 1 }),
  ].map((each) => watch.isNews(each, SPREAD_NS, false));
  assertEquals(news, [true, false, true, true, false, false]);
});

Deno.test("PublicationWatch tells of steps and slews where readers are served the system clock itself", () => {
  const watch = new PublicationWatch();
  const news = [
    publication(0n, 0n, { steeringRate: 100e-6 }),
    publication(10_000_000n, 1000n, { steeringRate: 100e-6 }), // 100 ppm of 10 ms
    publication(20_000_000n, 2000n + 880n), // within 0.5 µs and the spreads
    publication(30_000_000n, 3000n + 920n), // beyond them
    publication(40_000_000n, 3920n + 100_000_000n), // a step of 100 ms
    publication(50_000_000n, 3920n + 100_000_000n),
  ].map((each) => watch.isNews(each, SPREAD_NS, true));
  assertEquals(news, [true, false, false, true, true, false]);
});

Deno.test("realtimeNsAt() carries the system clock on as it was steered", () => {
  const told = publication(1_000_000_000n, 7n, { steeringRate: -500e-6 });
  assertEquals(realtimeNsAt(told, 3_000_000_000n), 3_000_000_007n - 1_000_000n);
  assertEquals(realtimeNsAt(told, 0n), 7n + 500_000n);
});
