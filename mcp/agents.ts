/**
 * What the Claude Agent SDK's `query()` takes as options, made in one call. That SDK is not needed here.
 *
 * @module
 */
import { ChronotickServer, SERVER_NAME, type ServerOptions, TOOL_NAMES } from "./chronotick_server.ts";

/** What an agent is given. */
export interface AgentOptions extends Omit<ServerOptions, "tools"> {
  /** The tools that the agent may call, by their short names; all of them unless given. No others are offered. */
  readonly allowedTools?: readonly string[];
  /** The server's key among the agent's servers; it is part of the tools' names. Default `chronotick`. */
  readonly serverKey?: string;
}

/** Options of an agent: spread them into those of `query()`. Dispose of them when the agent has ended. */
export interface Agent<Servers = Readonly<Record<string, ChronotickServer>>> extends AsyncDisposable {
  /** The servers by their keys, as `query()` takes them. */
  readonly mcpServers: Servers;
  /** The tools by the names that the agent sees: `mcp__chronotick__get_time`. */
  readonly allowedTools: string[];
}

/** A server of somebody else's, as the Agent SDK is given it: a command, an address or an instance. */
export type OtherServer = object;

/** What an agent with several servers is given. */
export interface MultiServiceOptions extends AgentOptions {
  /** Tools of the other servers that the agent may call: `mcp__weather__forecast`. None unless given. */
  readonly otherTools?: readonly string[];
}

const SERVER_KEY = /^[\w-]{1,64}$/;

/**
 * An agent that knows the time.
 *
 * @throws {RangeError} there is no such tool, or the key cannot be part of a tool's name
 */
export function createChronotickAgent(options: AgentOptions = {}): Agent {
  const { allowedTools = TOOL_NAMES, serverKey = SERVER_NAME, ...nodeOptions } = options;
  if (!SERVER_KEY.test(serverKey)) {
    throw new RangeError(
      `Cannot use ${JSON.stringify(serverKey)} as a key: it must be letters, digits, _ or -, 64 at most.`,
    );
  }
  const server = new ChronotickServer({ ...nodeOptions, tools: allowedTools });
  return {
    mcpServers: { [serverKey]: server },
    allowedTools: allowedTools.map((name) => `mcp__${serverKey}__${name}`),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** An agent that can ask for the time and nothing else. */
export function createMinimalAgent(options: Omit<AgentOptions, "allowedTools"> = {}): Agent {
  return createChronotickAgent({ ...options, allowedTools: ["get_time"] });
}

/** An agent that watches the daemon and nothing else. */
export function createMonitoringAgent(options: Omit<AgentOptions, "allowedTools"> = {}): Agent {
  return createChronotickAgent({ ...options, allowedTools: ["get_daemon_status"] });
}

/**
 * An agent that knows the time besides what `others` give it, each under its own key.
 *
 * @throws {RangeError} one of them has ChronoTick's key
 */
export function createMultiServiceAgent(
  others: Readonly<Record<string, OtherServer>>,
  options: MultiServiceOptions = {},
): Agent<Readonly<Record<string, OtherServer>>> {
  const { otherTools = [], ...agentOptions } = options;
  const { serverKey = SERVER_NAME } = options;
  if (Object.hasOwn(others, serverKey)) {
    throw new RangeError(
      `Cannot add ChronoTick as ${serverKey}: another server has this key. Give a serverKey.`,
    );
  }
  const own = createChronotickAgent(agentOptions);
  return {
    mcpServers: { ...own.mcpServers, ...others },
    allowedTools: [...own.allowedTools, ...otherTools],
    [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
  };
}
