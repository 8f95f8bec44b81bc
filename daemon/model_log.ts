/**
 * Says in the log how the models do.
 *
 * @module
 */
import type { ModelReport } from "./forecast/model_slot.ts";
import type { Logger } from "./log.ts";

/** Says once that a model is in trouble, and when it is out of it. */
export function modelReport(log: Logger): ModelReport {
  return (role, trouble) => {
    const name = role.replace("_", "-");
    if (trouble !== null) {
      log.once(role, "WARNING", "models", `Going on without the ${name} model: ${trouble}.`);
    } else {
      log.ended(role);
      log.info("models", `The ${name} model answers again.`);
    }
  };
}
