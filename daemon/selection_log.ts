/**
 * Says when a server is no longer followed, and when it is again.
 *
 * @module
 */
import type { Logger } from "./log.ts";
import type { Selection } from "./sources/selection.ts";

/** Remembers whom selection excluded, so that each change is said once. */
export class SelectionLog {
  readonly #log: Pick<Logger, "info" | "warning">;
  #excluded: ReadonlySet<string> = new Set();

  constructor(log: Pick<Logger, "info" | "warning">) {
    this.#log = log;
  }

  /** Tells what changed since the last call; without a majority nobody is excluded. */
  tell(selection: Selection | null): void {
    const falsetickers = selection?.majority ? selection.falsetickers : [];
    const excluded = new Set(falsetickers.map(({ source }) => source));
    for (const { source, distanceSeconds } of falsetickers) {
      if (this.#excluded.has(source)) continue;
      const away = (distanceSeconds * 1000).toFixed(3);
      this.#log.warning(
        "ntp",
        `Not following ${source}: it is ${away} ms away from what the majority agrees on.`,
      );
    }
    for (const source of this.#excluded) {
      if (!excluded.has(source)) this.#log.info("ntp", `Following ${source} again.`);
    }
    this.#excluded = excluded;
  }
}
