/**
 * The log as programs read it: one JSON object a line.
 *
 * @module
 */
import type { LogRecord } from "./log.ts";
import { cutText, timeText } from "./log_text.ts";

/** `{"time":"2026-05-04T03:02:01.123Z","level":"WARNING","component":"ntp","message":"…","fields":{"polls":8}}` */
export function formatJson({ atRealtimeMs, level, component, message, fields }: LogRecord): string {
  const cut = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === "string" ? cutText(value) : value,
  ]);
  return JSON.stringify({
    time: timeText(atRealtimeMs),
    level,
    component,
    message: cutText(message),
    ...(cut.length > 0 ? { fields: Object.fromEntries(cut) } : {}),
  });
}
