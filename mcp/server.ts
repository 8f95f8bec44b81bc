/**
 * The only module that knows the MCP SDK: tools, resources and prompts become a server that any transport can carry.
 *
 * @module
 */
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/server/mcp"
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/shared/protocol"
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/types"
import type { CallToolResult, ServerNotification, ServerRequest } from "@modelcontextprotocol/sdk/types.js";
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/types"
import {
  CallToolRequestSchema,
  ErrorCode,
  McpError,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { VERSION } from "../cli/version.ts";
import { explainArguments, explainError } from "./explain.ts";
import type { Log } from "./log.ts";
import type { Prompt } from "./prompt.ts";
import type { Resource } from "./resource.ts";
import type { Session } from "./session.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { Call, Tool } from "./tool.ts";

export { McpServer };
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/shared/transport"
export type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/types"
export {
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  type RequestId,
} from "@modelcontextprotocol/sdk/types.js";
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/server/webStandardStreamableHttp"
export { WebStandardStreamableHTTPServerTransport as HttpTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";

/** What a server offers. */
export interface Offer {
  readonly tools: readonly Tool[];
  readonly resources: readonly Resource[];
  readonly prompts: readonly Prompt[];
}

/** Told to the model at the start of a conversation. */
const INSTRUCTIONS =
  "ChronoTick tells the corrected time of this machine with honest uncertainty. A reading is an interval: its hard bound " +
  "(earliest, latest) always holds the truth, its sigma says what is likely. Compare times with compare_times, never " +
  "as numbers. Read chronotick://guide before you coordinate with peers.";

/** A server for the conversation that `session` is; `onClose` is called when its transport has gone. */
export function createServer(offer: Offer, session: Session, log: Log, onClose?: () => void): McpServer {
  const server = new McpServer(
    { name: "chronotick", title: "ChronoTick", version: VERSION },
    { capabilities: { tools: {}, resources: { subscribe: true }, prompts: {} }, instructions: INSTRUCTIONS },
  );
  offerTools(server, offer.tools, session, log);
  const subscriptions = offerResources(server, offer.resources, session);
  offerPrompts(server, offer.prompts);
  server.server.onerror = ({ message }) => log.debug(message);
  server.server.onclose = () => {
    subscriptions[Symbol.dispose]();
    onClose?.();
  };
  return server;
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

function offerTools(server: McpServer, tools: readonly Tool[], session: Session, log: Log): void {
  for (const { name, title, description, input, output, nature } of tools) {
    const annotations = {
      readOnlyHint: nature.isReadOnly,
      destructiveHint: false,
      idempotentHint: nature.isIdempotent,
      openWorldHint: false,
    };
    const config = { title, description, inputSchema: input, outputSchema: output, annotations };
    server.registerTool(name, config, () => ({ content: [] }));
  }
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  // The SDK's own handler answers wrong arguments with an array of JSON; models act better on a sentence.
  server.server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) => {
    const tool = byName.get(params.name);
    if (tool === undefined) throw unknownError("tool", params.name, [...byName.keys()]);
    return callTool(tool, params.arguments ?? {}, callOf(session, extra), log);
  });
}

async function callTool(
  tool: Tool,
  args: Record<string, unknown>,
  call: Call,
  log: Log,
): Promise<CallToolResult> {
  const parsed = tool.input.safeParse(args);
  if (!parsed.success) return failure(explainArguments(tool.name, parsed.error));
  try {
    const { sentence, result } = await tool.answer(parsed.data, call);
    log.debug(`${tool.name}: ${sentence}`);
    return {
      content: [{ type: "text", text: sentence }, { type: "text", text: JSON.stringify(result) }],
      structuredContent: result,
    };
  } catch (error) {
    if (call.signal.aborted) throw error; // nobody is waiting for an answer
    return failure(explainError(tool.name, error, log));
  }
}

function failure(sentence: string): CallToolResult {
  return { content: [{ type: "text", text: sentence }], isError: true };
}

function callOf(session: Session, extra: Extra): Call {
  const progressToken = extra._meta?.progressToken;
  const reportProgress = progressToken === undefined
    ? null
    : (progress: number, total: number, message: string) =>
      void extra.sendNotification({
        method: "notifications/progress",
        params: { progressToken, progress, total, message },
      }).catch(() => {}); // the client has gone, which ends the call too
  return { session, signal: extra.signal, reportProgress };
}

function offerResources(server: McpServer, resources: readonly Resource[], session: Session): Subscriptions {
  for (const resource of resources) {
    const { uri, name, title, description, mimeType } = resource;
    const read = async () => ({ contents: [{ uri, mimeType, text: await resource.read(session) }] });
    server.registerResource(name, uri, { title, description, mimeType }, read);
  }
  const byUri = new Map(resources.map((resource) => [resource.uri, resource]));
  const find = (uri: string): Resource => {
    const resource = byUri.get(uri);
    if (resource === undefined) throw unknownError("resource", uri, [...byUri.keys()]);
    return resource;
  };
  const subscriptions = new Subscriptions(
    session,
    (uri) => void server.server.sendResourceUpdated({ uri }).catch(() => {}), // the client has gone
  );
  server.server.setRequestHandler(SubscribeRequestSchema, async ({ params }) => {
    await subscriptions.add(find(params.uri));
    return {};
  });
  server.server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    subscriptions.delete(find(params.uri));
    return {};
  });
  return subscriptions;
}

function offerPrompts(server: McpServer, prompts: readonly Prompt[]): void {
  for (const { name, title, description, input, text } of prompts) {
    server.registerPrompt(name, { title, description, argsSchema: input }, (args) => ({
      messages: [{ role: "user", content: { type: "text", text: text(args) } }],
    }));
  }
}

function unknownError(kind: string, name: string, known: readonly string[]): McpError {
  return new McpError(
    ErrorCode.InvalidParams,
    `Cannot find ${JSON.stringify(name)}: there is no such ${kind} here, only ${known.join(", ")}.`,
  );
}
