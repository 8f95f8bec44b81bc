import { type ChronoTickClient, flagNames } from "../../mod.ts";
import type { Resource } from "../resource.ts";
import { statusReport } from "../status_report.ts";
import { orUnavailable } from "../unavailable.ts";

/** How the daemon does, or why that cannot be told. */
export const statusResource: Resource = {
  uri: "chronotick://status",
  name: "status",
  title: "The time daemon's status",
  description:
    "What get_daemon_status gives, at the moment of reading, or is_valid false and the reason. Followers are told " +
    "when its validity, its source or its synchronisation changes.",
  mimeType: "application/json",
  read: ({ clock }) => JSON.stringify(orUnavailable(() => statusReport(clock.read()))),
  version: ({ clock }) => syncVersion(clock),
};

/** Changes with validity, source and the state of synchronisation: not with each publication, nor with the warm-up. */
export function syncVersion(clock: ChronoTickClient): string {
  const seen = orUnavailable(() => {
    const { state, source, flags } = clock.read();
    return [state, source, ...flagNames(flags)].join(" ");
  });
  return typeof seen === "string" ? seen : seen.reason;
}
