/**
 * Which authority a command asks: the one that is named, else the chronosd that answers, else the counter itself.
 *
 * @module
 */
import type { TickAuthority } from "./authority.ts";
import { createCounter } from "./create_counter.ts";
import { TickError } from "./errors.ts";
import { EtcdAuthority } from "./etcd_authority.ts";
import { LocalAuthority } from "./local_authority.ts";
import { SocketAuthority } from "./socket_authority.ts";
import { socketPath } from "./socket_path.ts";
import { type Environment, stateFolder } from "./state_folder.ts";

/** What the user said; the environment says the rest. */
export interface AuthorityChoice {
  /** `file:/folder`, `unix:/socket`, `etcd://host:2379[,host2…]/name` (`etcds:` for TLS). */
  readonly authority?: string | undefined;
  /** The folder of the counter; chronosd is not asked then, unless its socket is given too. */
  readonly stateDir?: string | undefined;
  /** chronosd's socket; it must answer then. */
  readonly socket?: string | undefined;
  /** What a counter of this machine reserves at a time, ticks. */
  readonly blockTicks?: number | undefined;
  /** Make a counter where there is none. */
  readonly create?: boolean | undefined;
}

/** The schemes of {@linkcode AuthorityChoice}'s `authority`. */
const OPENERS: Readonly<
  Record<string, (address: string, choice: AuthorityChoice) => Promise<TickAuthority>>
> = {
  "file:": (address, choice) => openFolder(address.slice("file:".length), choice),
  "unix:": (address) => SocketAuthority.connect(address.slice("unix:".length)),
  "etcd:": (address, choice) => openEtcd(address, choice),
  "etcds:": (address, choice) => openEtcd(address, choice),
};

/**
 * Opens it; its closing is the caller's duty.
 *
 * @throws {TickError} there is none, or it cannot be used
 */
export async function openAuthority(
  choice: AuthorityChoice,
  environment: Environment,
): Promise<TickAuthority> {
  const { authority, stateDir, socket } = choice;
  if (authority !== undefined) return await openNamed(authority, choice);
  if (socket !== undefined) return await SocketAuthority.connect(socket);
  if (stateDir !== undefined) return await openFolder(stateDir, choice);
  return await connectIfAnswering(environment) ??
    await openFolder(stateFolder(environment), choice);
}

async function openNamed(address: string, choice: AuthorityChoice): Promise<TickAuthority> {
  const scheme = address.slice(0, address.indexOf(":") + 1);
  if (Object.hasOwn(OPENERS, scheme)) return await OPENERS[scheme]!(address, choice);
  throw new TickError(
    "RANGE",
    `Cannot use ${JSON.stringify(address)} as an authority of ticks: begin it with ${
      Object.keys(OPENERS).join(" or ")
    }.`,
  );
}

/**
 * Null when nobody listens there. A chronosd of another user that may not be asked counts as nobody, unless the
 * environment names its very socket: ticks of another counter are not what is wanted then.
 */
async function connectIfAnswering(environment: Environment): Promise<SocketAuthority | null> {
  try {
    return await SocketAuthority.connect(socketPath(environment));
  } catch (error) {
    if (!(error instanceof TickError) || error.code !== "UNAVAILABLE") throw error;
    const isForbidden = error.cause instanceof Deno.errors.PermissionDenied;
    if (isForbidden && environment.get("CHRONOS_SOCKET")) throw error;
    return null;
  }
}

function openFolder(folder: string, { blockTicks, create }: AuthorityChoice): Promise<TickAuthority> {
  return Promise.try(() => {
    if (create === true) createCounter(folder);
    return LocalAuthority.open(folder, blockTicks === undefined ? {} : { blockTicks });
  });
}

function openEtcd(address: string, { create = false }: AuthorityChoice): Promise<TickAuthority> {
  return EtcdAuthority.open(address, { create });
}
