/**
 * The daemon's servers, and why its bound is what it is, for people.
 *
 * @module
 */
import { dim, green } from "@std/fmt/colors";
import type { ServerStatus, StatusAnswer } from "./daemon_status.ts";
import { formatSeconds, formatSignedSeconds, formatTable } from "./format.ts";

const POLLS = 8;
const SELECTED = "*";

/** The sentence and a line for each server; one line that says why there are none where the daemon says nothing. */
export function serversReport(answer: StatusAnswer): string {
  if ("fault" in answer) return formatTable([["servers", dim(`not told: ${answer.fault}`)]]);
  const { why, servers, unresolved } = answer.status;
  const rows = servers.map(serverRow);
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? [];
  const lines = rows.map((row, i) => {
    const line = row.map((text, column) => text.padEnd(widths[column]!)).join("  ").trimEnd();
    return servers[i]!.is_selected ? green(line) : line;
  });
  const absent = unresolved.map(({ name, reason }) => `   ${name}  ${reason}`);
  return `\n${why}\n` + [...lines, ...absent].map((line) => `${line}\n`).join("");
}

/** "3 of 4 servers", or nothing. */
export function serversSummary(answer: StatusAnswer): string {
  if ("fault" in answer) return "";
  const { servers } = answer.status;
  return `${servers.filter(({ is_selected }) => is_selected).length} of ${servers.length} servers`;
}

function serverRow(server: ServerStatus): string[] {
  const { name, address, offset_seconds: offset, half_width_seconds: halfWidth, delay_seconds: delay } =
    server;
  return [
    server.is_selected ? SELECTED : " ",
    address === null || address === name ? name : `${name} (${address})`,
    offset === null ? "" : formatSignedSeconds(offset),
    halfWidth === null ? "" : `± ${formatSeconds(halfWidth)}`,
    delay === null ? "" : `round trip ${formatSeconds(delay)}`,
    reachText(server.reach),
    server.reason,
  ];
}

/** The last eight questions, the latest on the right: answered or not. */
function reachText(reach: number): string {
  return Array.from({ length: POLLS }, (_, i) => (reach >> (POLLS - 1 - i)) & 1 ? "●" : "○").join("");
}
