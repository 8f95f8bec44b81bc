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
import { CallToolRequestSchema, ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { VERSION } from "../cli/version.ts";
import { explainArguments, explainError } from "./explain.ts";
import type { Session } from "./session.ts";
import type { Call, Tool } from "./tool.ts";

export { McpServer };
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/shared/transport"
export type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/types"
export { type JSONRPCMessage, JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";

/** What a server offers. */
export interface Offer {
  readonly tools: readonly Tool[];
}

/** A server for one conversation. */
export function createServer(offer: Offer, session: Session): McpServer {
  const server = new McpServer(
    { name: "chronotick", title: "ChronoTick", version: VERSION },
    { capabilities: { tools: {} } },
  );
  offerTools(server, offer.tools, session);
  return server;
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

function offerTools(server: McpServer, tools: readonly Tool[], session: Session): void {
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
    if (tool === undefined) throw unknownTool(params.name, tools);
    return callTool(tool, params.arguments ?? {}, callOf(session, extra));
  });
}

async function callTool(tool: Tool, args: Record<string, unknown>, call: Call): Promise<CallToolResult> {
  const parsed = tool.input.safeParse(args);
  if (!parsed.success) return failure(explainArguments(tool.name, parsed.error));
  try {
    const { sentence, result } = await tool.answer(parsed.data, call);
    return {
      content: [{ type: "text", text: sentence }, { type: "text", text: JSON.stringify(result) }],
      structuredContent: result,
    };
  } catch (error) {
    return failure(explainError(tool.name, error));
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
      });
  return { session, signal: extra.signal, reportProgress };
}

function unknownTool(name: string, tools: readonly Tool[]): McpError {
  const known = tools.map((tool) => tool.name).join(", ");
  return new McpError(
    ErrorCode.InvalidParams,
    `Cannot call ${JSON.stringify(name)}: there is no such tool here, only ${known}.`,
  );
}
