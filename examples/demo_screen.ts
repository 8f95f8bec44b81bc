/**
 * Where the demo writes: lines that stay, and on a terminal one below them that is redrawn in place.
 *
 * @module
 */
import { dim, red, yellow } from "@std/fmt/colors";
import { print } from "../cli/run_command.ts";
import { CHART_WIDTH, chartHead, chartLine } from "./demo_chart.ts";
import type { Judged } from "./demo_judge.ts";

/** Between two lines that stay, s. */
const LINE_INTERVAL_SECONDS = 0.5;
/** Between two looks of the line that is redrawn, s. */
const REDRAW_INTERVAL_SECONDS = 0.1;
const CLEAR_LINE = "\r\x1b[K";
const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
/** Lines of the daemon's log that matter to who watches. */
const TROUBLE = / (WARNING|ERROR) /;

/** Until it is disposed the terminal's cursor is hidden. */
export class DemoScreen implements Disposable {
  readonly #isTerminal = Deno.stdout.isTerminal();
  readonly #hasPicture = !this.#isTerminal || Deno.consoleSize().columns >= CHART_WIDTH;
  #nextLineAt = 0;
  #nextRedrawAt = 0;
  #isLive = false;

  /** A screen that nothing stands on yet. */
  constructor() {
    if (this.#isTerminal) print(HIDE_CURSOR);
  }

  /** Writes text that ends with a line feed. */
  print(text: string): void {
    print(this.#isLive ? CLEAR_LINE + text : text);
    this.#isLive = false;
  }

  /** Writes the names of the columns. */
  head(): void {
    this.print(chartHead(this.#hasPicture));
  }

  /** Shows a read made `seconds` after the first, if it is time for another look. */
  show(seconds: number, judged: Judged | null): void {
    if (seconds >= this.#nextLineAt) {
      this.#nextLineAt += LINE_INTERVAL_SECONDS;
      this.print(chartLine(seconds, judged, this.#hasPicture) + "\n");
    } else if (this.#isTerminal && seconds >= this.#nextRedrawAt) {
      this.#nextRedrawAt = seconds + REDRAW_INTERVAL_SECONDS;
      this.print(chartLine(seconds, judged, this.#hasPicture));
      this.#isLive = true;
    }
  }

  /** Writes a line about something that happens. */
  event(text: string): void {
    this.print(yellow(`─── ${text} ───\n`));
  }

  /** Shows a line of the daemon's log, if it tells of trouble. */
  note(line: string): void {
    if (TROUBLE.test(line)) this.print(`${line.includes(" ERROR ") ? red(line) : dim(line)}\n`);
  }

  /** Gives the terminal back. */
  [Symbol.dispose](): void {
    if (this.#isTerminal) print((this.#isLive ? CLEAR_LINE : "") + SHOW_CURSOR);
  }
}
