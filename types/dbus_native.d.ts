// Types of the parts of dbus-native that this project uses. Its own bring all of Node's types into the program, which
// differ from Deno's where both describe the same thing.

export interface Message {
  readonly signature?: string;
  readonly sender?: string;
}

export interface InterfaceDescriptor {
  readonly name: string;
  /** Signature in and out, then the names of the arguments in and out. */
  readonly methods: Readonly<Record<string, [string, string, string[], string[]]>>;
  readonly properties: Readonly<Record<string, { readonly type: string; readonly access: "read" }>>;
  /** Signature, then the names of the arguments. */
  readonly signals: Readonly<Record<string, string[]>>;
}

export interface Connection {
  on(event: "error" | "handlerError", listener: (error: Error) => void): unknown;
  on(event: "reconnecting", listener: (attempt: { readonly cause?: Error }) => void): unknown;
  end(): unknown;
}

export interface MessageBus {
  readonly connection: Connection;
  on(event: "reconnectError", listener: (error: Error) => void): unknown;
  exportInterface(object: object, path: string, description: InterfaceDescriptor): void;
  ownName(name: string, flags: number): Promise<{ readonly isPrimaryOwner: boolean }>;
  getConnectionUnixUser(name: string): PromiseLike<number>;
  sendSignal(path: string, iface: string, name: string, signature: string, args: readonly unknown[]): void;
  close(): Promise<void>;
}

export function createClient(options: {
  readonly busAddress: string;
  readonly authMethods: readonly string[];
  /** ms. */
  readonly timeout: number;
  readonly reconnect: boolean;
}): MessageBus;
