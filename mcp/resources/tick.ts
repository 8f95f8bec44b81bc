import { Refusal } from "../refusal.ts";
import type { Resource } from "../resource.ts";
import type { Session } from "../session.ts";

/** The last tick that was handed out. */
export const tickResource: Resource = {
  uri: "chronos://tick",
  name: "tick",
  title: "The last tick",
  description:
    "The highest tick that was handed out so far, by whomever, or is_available false and the reason; reading it uses " +
    "none. Followers are told when it has moved, at most four times a second.",
  mimeType: "application/json",
  read: lastTick,
  version: lastTick,
};

async function lastTick({ node }: Session): Promise<string> {
  try {
    const { tick, authority } = await node.ticks.current();
    return JSON.stringify({ is_available: true, tick: String(tick), authority });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return JSON.stringify({ is_available: false, message: error.message });
  }
}
