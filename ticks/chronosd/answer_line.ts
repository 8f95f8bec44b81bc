/**
 * From a line that a client sent to the line that it gets.
 *
 * @module
 */
import type { AnswerLine } from "./connection.ts";
import { MAX_LINE_BYTES } from "./line_buffer.ts";
import { parseRequest, Refusal, refusalText, type Request } from "./request.ts";
import type { TickService } from "./tick_service.ts";

/** `status` gives the JSON that STATUS answers. */
export function lineAnswerer(service: TickService, status: () => Promise<string>): AnswerLine {
  return async (line) => {
    try {
      if (line === null) throw new Refusal("LINE_TOO_LONG", `A line has at most ${MAX_LINE_BYTES} bytes.`);
      return await answer(parseRequest(line));
    } catch (error) {
      return refusalText(error instanceof Refusal ? error : service.explain(error));
    }
  };

  function answer(request: Request): string | Promise<string> {
    switch (request.kind) {
      case "ping":
        return "PONG";
      case "status":
        return status();
      case "get tick":
        return service.current().then(String);
      case "next ticks":
        return service.next(request.count).then(String);
      case "stamp":
        return service.stamp(request.agent);
      case "stamp at":
        return service.nextStamped(request.utcNs).then(({ tick, utcNs }) => `${tick} ${utcNs}`);
      case "log":
        return service.log(request.event);
    }
  }
}
