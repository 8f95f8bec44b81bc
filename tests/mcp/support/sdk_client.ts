/**
 * The SDK's own client, the first of the foreign ones: it checks every structured result against the tool's schema.
 *
 * @module
 */
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/client"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/client/stdio"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/client/streamableHttp"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/inMemory"
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/shared/protocol"
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/shared/transport"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/types"
import { ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { type ChronotickServer, createChronotickServer, type ServerOptions } from "../../../mcp/mod.ts";
import { serverCommand } from "./server_command.ts";

/** What a tool answered. */
export interface ToolResult {
  readonly isError: boolean;
  /** The first text: the sentence. */
  readonly sentence: string;
  /** The second text, parsed. */
  // deno-lint-ignore no-explicit-any
  readonly json: any;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** A client that is connected. */
export class SdkClient implements AsyncDisposable {
  readonly client: Client = new Client({ name: "chronotick-tests", version: "1.0.0" });
  readonly #stack = new AsyncDisposableStack();
  /** Addresses of the resources that were said to have changed. */
  readonly updates: string[] = [];
  #onUpdate: (uri: string) => void = () => {};

  private constructor() {
    this.client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      this.updates.push(params.uri);
      this.#onUpdate(params.uri);
    });
  }

  /** Of a server in this process. */
  static async inProcess(options: ServerOptions): Promise<SdkClient> {
    const self = new SdkClient();
    const server: ChronotickServer = self.#stack.use(createChronotickServer(options));
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    await server.instance.connect(theirs);
    return await self.#connect(ours);
  }

  /** Of a server that it starts. */
  static async overStdio(args: readonly string[]): Promise<SdkClient> {
    const [command, ...rest] = serverCommand(args);
    return await new SdkClient().#connect(
      new StdioClientTransport({ command: command!, args: rest, stderr: "ignore" }),
    );
  }

  /** Of a server that listens. */
  static async overHttp(url: string, headers: Record<string, string> = {}): Promise<SdkClient> {
    const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
    // The SDK's own types do not agree under exactOptionalPropertyTypes.
    return await new SdkClient().#connect(transport as Transport);
  }

  async #connect(transport: Transport): Promise<SdkClient> {
    await this.client.connect(transport);
    return this;
  }

  /** Calls a tool. */
  async call(
    name: string,
    args: Record<string, unknown> = {},
    options?: RequestOptions,
  ): Promise<ToolResult> {
    const result = await this.client.callTool({ name, arguments: args }, undefined, options);
    const content = result.content as { type: string; text: string }[];
    return {
      isError: result.isError === true,
      sentence: content[0]!.text,
      json: content[1] === undefined ? undefined : JSON.parse(content[1].text),
      data: result.structuredContent,
    };
  }

  /** The text of a resource. */
  async read(uri: string): Promise<string> {
    const { contents } = await this.client.readResource({ uri });
    return (contents[0] as { text: string }).text;
  }

  /** Resolves at the next update of `uri`. */
  nextUpdate(uri: string): Promise<void> {
    return new Promise((resolve) => {
      this.#onUpdate = (updated) => {
        if (updated === uri) resolve();
      };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.#stack.disposeAsync();
  }
}
