/**
 * Opens the way to a cluster as its address says, with the files that the address names.
 *
 * @module
 */
import type { EtcdAddress, EtcdFiles } from "./etcd_address.ts";
import { TickError } from "./errors.ts";
import { EtcdGateway, type EtcdLogin } from "./etcd_gateway.ts";

const LOGIN_SHAPE = /^([^:\n]+):([^\n]+)\n?$/;
const OTHERS_MAY_READ = 0o004;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Reads the files; asks nothing yet.
 *
 * @throws {TickError} ADDRESS: a file cannot be used, or a password would go over a network in clear
 */
export function openEtcdGateway({ text, origins, files }: EtcdAddress): EtcdGateway {
  const login = files.login === undefined ? null : readLogin(text, files.login);
  const exposed = origins.map((origin) => new URL(origin)).find(({ protocol, hostname }) =>
    protocol === "http:" && !LOOPBACK.test(hostname)
  );
  if (login !== null && exposed !== undefined) {
    throw unusable(text, `a password would go to ${exposed.host} in clear, write etcds://`);
  }
  return new EtcdGateway({ origins, address: text, httpClient: httpClientFor(text, files), login });
}

function httpClientFor(text: string, files: EtcdFiles): Deno.HttpClient {
  const { ca, cert, key } = files;
  const options: Deno.CreateHttpClientOptions = ca === undefined ? {} : { caCerts: [readFile(text, ca)] };
  const pair = cert === undefined ? {} : { cert: readFile(text, cert), key: readFile(text, key!) };
  try {
    return Deno.createHttpClient({ ...options, ...pair });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw unusable(
      text,
      `TLS cannot use ${[ca, cert, key].filter(Boolean).join(" or ")} (${error.message})`,
      error,
    );
  }
}

function readLogin(text: string, path: string): EtcdLogin {
  const [, user, password] = LOGIN_SHAPE.exec(readFile(text, path)) ?? [];
  if (user === undefined || password === undefined) {
    throw unusable(text, `${path} must hold one line user:password`);
  }
  if (((Deno.statSync(path).mode ?? 0) & OTHERS_MAY_READ) !== 0) {
    throw unusable(text, `everybody may read ${path}, make it private with chmod 600`);
  }
  return { user, password };
}

function readFile(text: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || !(error instanceof Error)) throw error;
    throw unusable(text, `${path} cannot be read (${error.message})`, error);
  }
}

function unusable(text: string, why: string, cause?: Error): TickError {
  return new TickError("ADDRESS", `Cannot use ${text} as an authority of ticks: ${why}.`, { cause });
}
