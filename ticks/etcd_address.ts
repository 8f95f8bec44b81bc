/**
 * Where a cluster's counter is, as a user writes it.
 *
 * @module
 */
import { TickError } from "./errors.ts";

/** `etcds://a:2379,b:2379/orders?block=1000&ca=/etc/etcd/ca.pem`, taken apart. */
export interface EtcdAddress {
  /** The address itself, without what follows the `?`. */
  readonly text: string;
  /** The members' gateways: `https://a:2379`. */
  readonly origins: readonly string[];
  /** The counter's name. */
  readonly name: string;
  /** How many ticks are reserved at a time, 1 … {@linkcode MAX_BLOCK}. */
  readonly block: number;
  /** Files of the other settings, where they were given. */
  readonly files: EtcdFiles;
}

/** Paths of files. */
export interface EtcdFiles {
  /** PEM: who may have signed the members' certificates, besides those whom the system trusts. */
  readonly ca?: string;
  /** PEM: what this client shows to members that ask for a certificate. */
  readonly cert?: string;
  /** PEM: the key to `cert`. */
  readonly key?: string;
  /** One line `user:password`. */
  readonly login?: string;
}

/** The largest reservation: what a crash may lose at most. */
const MAX_BLOCK = 1_000_000;
/** A cluster of more members is slower, not safer. */
const MAX_MEMBERS = 9;
const DEFAULT_PORT = 2379;
const SHAPE = /^(etcds?):\/\/([^/?#]+)\/([^/?#]*)(?:\?([^#]*))?$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9._-]*)(?::(\d{1,5}))?$/;
const FILE_SETTINGS = ["ca", "cert", "key", "login"] as const;
const TLS_SETTINGS: readonly string[] = ["ca", "cert", "key"];

/**
 * Takes `etcd://host[:port][,host…]/NAME[?block=N]` apart; `etcds://` stands for TLS.
 *
 * @throws {TickError} ADDRESS: it is not such an address
 */
export function parseEtcdAddress(text: string): EtcdAddress {
  const [, scheme, hosts, name, query = ""] = SHAPE.exec(text) ?? [];
  if (scheme === undefined) throw refused(text, "it must look like etcd://host:2379,host2:2379/name");
  if (!NAME.test(name!)) {
    throw refused(
      text,
      "the name after the hosts must be 1 to 64 letters, digits, dots, dashes or underscores",
    );
  }
  const origins = hosts!.split(",").map((host) => originOf(text, scheme, host));
  if (origins.length > MAX_MEMBERS) throw refused(text, `it names more than ${MAX_MEMBERS} hosts`);
  const settings = settingsOf(text, scheme, query);
  return {
    text: `${scheme}://${hosts}/${name}`,
    origins,
    name: name!,
    block: blockOf(text, settings.get("block")),
    files: Object.fromEntries(
      FILE_SETTINGS.filter((key) => settings.has(key)).map((key) => [key, settings.get(key)]),
    ),
  };
}

function originOf(text: string, scheme: string, host: string): string {
  const match = HOST.exec(host);
  const port = Number(match?.[1] ?? DEFAULT_PORT);
  if (match === null || port < 1 || port > 65535) throw refused(text, `"${host}" is not a host with a port`);
  const origin = `${scheme === "etcds" ? "https" : "http"}://${
    match[1] === undefined ? `${host}:${port}` : host
  }`;
  if (!URL.canParse(origin)) throw refused(text, `"${host}" is not a host with a port`);
  return origin;
}

function settingsOf(text: string, scheme: string, query: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const [key, value] of new URLSearchParams(query)) {
    if (key !== "block" && !FILE_SETTINGS.some((known) => known === key)) {
      throw refused(text, `"${key}" is no setting: there are block, ${FILE_SETTINGS.join(", ")}`);
    }
    if (settings.has(key)) throw refused(text, `"${key}" is given twice`);
    if (value === "") throw refused(text, `"${key}" has no value`);
    if (scheme === "etcd" && TLS_SETTINGS.includes(key)) {
      throw refused(text, `"${key}" needs TLS: write etcds://`);
    }
    settings.set(key, value);
  }
  if (settings.has("cert") !== settings.has("key")) throw refused(text, '"cert" and "key" need each other');
  return settings;
}

function blockOf(text: string, value = "1"): number {
  const block = /^\d{1,7}$/.test(value) ? Number(value) : NaN;
  if (!(block >= 1 && block <= MAX_BLOCK)) {
    throw refused(text, `"block" must be an integer from 1 to ${MAX_BLOCK}`);
  }
  return block;
}

function refused(text: string, why: string): TickError {
  return new TickError("ADDRESS", `Cannot use ${text} as an authority of ticks: ${why}.`);
}
