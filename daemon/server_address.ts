/**
 * A time server as it stands in the configuration.
 *
 * @module
 */
import { parseServerName, type ServerName } from "./sources/server_name.ts";

/** Host (without brackets), port, and the text that they came from. */
export interface ServerAddress extends ServerName {
  readonly text: string;
}

/** Reads `host`, `host:port`, `[v6]:port` or a bare IPv6 address, the port being 123 if absent; null when it is none. */
export function parseServerAddress(text: string): ServerAddress | null {
  const name = parseServerName(text);
  return name === null ? null : { ...name, text };
}

/** Equal for two spellings of one server: names know no case, and a final dot only says that they are complete. */
export function serverKey({ host, port }: ServerName): string {
  return `${host.toLowerCase().replace(/\.$/, "")} ${port}`;
}
