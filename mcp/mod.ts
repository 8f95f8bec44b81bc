/**
 * ChronoTick for agents in this process: a server for any transport, and options for the Claude Agent SDK.
 *
 * ```ts ignore
 * import { createChronotickAgent } from "./mcp/mod.ts";
 *
 * await using agent = createChronotickAgent();
 * // query({ prompt, options: { mcpServers: agent.mcpServers, allowedTools: agent.allowedTools } })
 * ```
 *
 * @module
 */
import { ChronotickServer, type ServerOptions } from "./chronotick_server.ts";

export {
  type Agent,
  type AgentOptions,
  createChronotickAgent,
  createMinimalAgent,
  createMonitoringAgent,
  createMultiServiceAgent,
  type MultiServiceOptions,
  type OtherServer,
} from "./agents.ts";
export { ChronotickServer, type ServerOptions, TOOL_NAMES } from "./chronotick_server.ts";
export type { NodeOptions } from "./node.ts";

/**
 * A server in this process: `{ type: "sdk", name, instance }`.
 *
 * @throws {RangeError} `tools` names one that there is not
 */
export function createChronotickServer(options: ServerOptions = {}): ChronotickServer {
  return new ChronotickServer(options);
}
