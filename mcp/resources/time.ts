import type { Resource } from "../resource.ts";
import { timeReport } from "../time_report.ts";
import { orUnavailable } from "../unavailable.ts";
import { syncVersion } from "./status.ts";

/** The time now, or why there is none. */
export const timeResource: Resource = {
  uri: "chronotick://time",
  name: "time",
  title: "The corrected time",
  description:
    "What get_time gives, at the moment of reading, or is_valid false and the reason. Followers are told when its " +
    "validity, its source or its synchronisation changes, not whenever the time goes on.",
  mimeType: "application/json",
  read: ({ clock }) => JSON.stringify(orUnavailable(() => timeReport(clock.getTime()))),
  version: ({ clock }) => syncVersion(clock),
};
