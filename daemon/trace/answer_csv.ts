/**
 * The answers of a replay as CSV.
 *
 * @module
 */
import type { Answer } from "./replay.ts";

/** The first line, with its line feed. */
export const ANSWER_HEADER = "local,for,utc,sigma,max_error,flags,source\n";

/** One answer with its line feed: instants in ns, uncertainties in s, flags and source as the record has them. */
export function answerRow(answer: Answer): string {
  const { localRawNs, forRawNs, utcNs, sigmaSeconds, maxErrorSeconds, flags, source } = answer;
  return `${localRawNs},${forRawNs},${utcNs},${sigmaSeconds},${maxErrorSeconds},${flags},${source}\n`;
}
