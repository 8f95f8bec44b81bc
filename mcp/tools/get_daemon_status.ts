import { formatSeconds } from "../../mod.ts";
import { STATUS_FIELDS, STATUSES, statusReport } from "../status_report.ts";
import { Refusal } from "../refusal.ts";
import { defineTool, type Tool } from "../tool.ts";

/** How the daemon does. */
export const getDaemonStatus: Tool = defineTool({
  name: "get_daemon_status",
  title: "Get the time daemon's status",
  description:
    "How the time daemon of this machine does: whether it is ready or still warming up, what it measures from and " +
    "when it last did. Use it when get_time fails or is less certain than you need, to decide whether to wait; for " +
    "the time itself use get_time.",
  input: {},
  output: STATUS_FIELDS,
  nature: { isReadOnly: true, isIdempotent: true },
  answer(_, { session }) {
    const record = session.clock.read();
    if (record.state === "stale") throw lifelessRefusal(record.ageSeconds);
    const report = statusReport(record);
    const since = report.seconds_since_ntp === null
      ? "no server was measured yet"
      : `a server was last measured ${formatSeconds(report.seconds_since_ntp)} ago`;
    const warmUp = report.warmup_complete ? "" : ` (warm-up ${report.warmup_percent} %)`;
    return {
      sentence: `The time daemon ${STATUSES[report.status]}${warmUp}; ${since}, and its time ${
        report.is_valid ? "may" : "may not"
      } be used.`,
      result: report,
    };
  },
});

/** A record without a living writer says how the daemon did, not how it does. */
function lifelessRefusal(ageSeconds: number): Refusal {
  return new Refusal(
    `Cannot tell how the daemon does: it has not published for ${
      formatSeconds(ageSeconds)
    }, so it died, hangs or slept. Start it with \`deno task daemon\`, then ask again.`,
  );
}
