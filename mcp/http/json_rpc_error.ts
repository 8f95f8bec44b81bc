/**
 * Refusals outside of any session, in the form that MCP clients understand.
 *
 * @module
 */

/** JSON-RPC 2.0 §5.1: the range for servers' own errors. */
const SERVER_ERROR = -32000;

/** A response with one sentence. */
export function jsonRpcError(status: number, message: string, headers: HeadersInit = {}): Response {
  const body = { jsonrpc: "2.0", id: null, error: { code: SERVER_ERROR, message } };
  return Response.json(body, { status, headers });
}
