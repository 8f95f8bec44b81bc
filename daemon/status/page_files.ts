/**
 * The files of the live page, all of them served by the daemon itself.
 *
 * @module
 */
import uplotStyle from "uplot/style" with { type: "text" };
import uplot from "uplot/script" with { type: "text" };
import charts from "./page/charts.js" with { type: "text" };
import format from "./page/format.js" with { type: "text" };
import main from "./page/main.js" with { type: "text" };
import style from "./page/page.css" with { type: "text" };
import html from "./page/page.html" with { type: "text" };
import series from "./page/series.js" with { type: "text" };
import stream from "./page/stream.js" with { type: "text" };
import tables from "./page/tables.js" with { type: "text" };
import type { Reply } from "./reply.ts";

/** Nothing but our own files and our own data. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML = "text/html; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";
const STYLE = "text/css; charset=utf-8";

/** By path. */
const FILES: Readonly<Record<string, Reply>> = {
  "/": file(HTML, html),
  "/page/page.css": file(STYLE, style),
  "/page/uplot.css": file(STYLE, uplotStyle),
  "/page/uplot.js": file(SCRIPT, uplot),
  "/page/charts.js": file(SCRIPT, charts),
  "/page/format.js": file(SCRIPT, format),
  "/page/main.js": file(SCRIPT, main),
  "/page/series.js": file(SCRIPT, series),
  "/page/stream.js": file(SCRIPT, stream),
  "/page/tables.js": file(SCRIPT, tables),
};

/** The file at `path`, or null. */
export function pageFile(path: string): Reply | null {
  return Object.hasOwn(FILES, path) ? FILES[path]! : null;
}

function file(type: string, body: string): Reply {
  return { status: 200, type, body, headers: { "content-security-policy": POLICY } };
}
