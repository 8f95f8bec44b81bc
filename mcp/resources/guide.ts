import type { Resource } from "../resource.ts";

const GUIDE = `# How to reason with uncertain time

No clock knows the time; this one knows how wrong it may be. Every reading has two figures:

- **The hard bound** (earliest, latest, max_error): the truth lies inside, always. Use it where being wrong does harm:
  leases, deadlines, "is it certainly past?", the order of events.
- **Sigma** (time_uncertainty): ± 1.96 of it cover the truth 95 % of the time. Use it to judge what is likely.

They are not the same: never add max_error to a sigma, never pass time_uncertainty on as if it were a bound.

## Rules

1. A reading is an interval, not a number. Pass on earliest and latest, as text: a number of Unix seconds has steps of
   238 ns.
2. Two readings have an order only if their intervals do not overlap: ask compare_times. If it says concurrent, nobody
   can know which was first; decide by a rule that does not need time (ticks of next_tick, the lower id), and say so.
3. "It is past T" is certain when earliest > T, "it is not yet T" when latest < T. In between, wait: call
   wait_until_time(T + 2 × max_error), and its answer's earliest lies behind T (commit wait).
4. Uncertainty grows while nothing is measured. Before you promise to act in an hour, ask
   get_time_with_future_uncertainty; for what is guaranteed then, get_time_bounds.
5. An answer takes time to reach you: call_latency_ms is only this server's part. Do not measure durations shorter than
   some milliseconds with it.
6. A cause comes before its effect, whatever clocks say. If vector clocks contradict intervals, a clock is wrong.

## Acting together with peers

1. Each peer calls get_time, all at about the same moment, and sends what it got to the others: node_id, iso, max_error.
2. Each peer calls synchronize_with_peers with all readings, its own included. All get the same sync_point.
   disagreeing_peers have wrong clocks: leave them out, and tell somebody.
3. Each peer calls wait_until_time with the sync_point, or schedule_action to act by its own machine's clock.
4. Each acts, and reports actual_wake_iso with earliest and latest. They acted within the spread of those intervals.

## When there is no time

Every failure is one sentence that says why. "no such shared memory": no daemon runs here, ask for one to be started.
"nobody has published": it died or hangs. "warms up" or "disrupted": wait some seconds and ask again. Do not fall back on
another clock without saying so: an unknown error is worse than a late answer.
`;

/** One page on how to reason with uncertain time. */
export const guideResource: Resource = {
  uri: "chronotick://guide",
  name: "guide",
  title: "How to reason with uncertain time",
  description:
    "One page to read before relying on these tools: bounds, sigma, order, waiting, and acting with peers.",
  mimeType: "text/markdown",
  read: () => GUIDE,
  version: () => "",
};
