/**
 * What must be remembered of an address for longer than it is in use: manners towards it outlive a new configuration
 * and a name that resolves to it again.
 *
 * @module
 */
import type { AddressScope } from "./address_scope.ts";
import type { SocketAddress } from "../../ffi/udp_socket.ts";
import { formatHostPort } from "./server_name.ts";

/** Remembered of one address; times are seconds of CLOCK_MONOTONIC_RAW. */
export interface AddressRecord {
  askedAtRawSeconds: number;
  /** The least distance of questions that the server has asked for by RATE kisses. */
  rateFloorSeconds: number;
  /** The server forbade further questions (DENY or RSTR). */
  isDenied: boolean;
  /** Polls without a usable answer in a row. */
  unanswered: number;
}

/** Addresses remembered; beyond that the one asked longest ago is forgotten. */
const MAX_REMEMBERED_ADDRESSES = 1024;

/** All records of a process. */
export class AddressBook {
  readonly #records = new Map<string, AddressRecord>();

  /** The record of an address, made when there is none. */
  recordOf(key: string): AddressRecord {
    const known = this.#records.get(key);
    if (known !== undefined) return known;
    if (this.#records.size >= MAX_REMEMBERED_ADDRESSES) this.#forgetOldest();
    const record = { askedAtRawSeconds: -Infinity, rateFloorSeconds: 0, isDenied: false, unanswered: 0 };
    this.#records.set(key, record);
    return record;
  }

  #forgetOldest(): void {
    let oldest: [string, AddressRecord] | undefined;
    for (const entry of this.#records) {
      if (oldest === undefined || entry[1].askedAtRawSeconds < oldest[1].askedAtRawSeconds) oldest = entry;
    }
    if (oldest !== undefined) this.#records.delete(oldest[0]);
  }
}

/**
 * What is one and the same towards its operator: a public host whatever the port, and on private addresses, where
 * several servers may run beside each other, one server.
 */
export function addressKey(address: SocketAddress, scope: AddressScope): string {
  return scope === "public" ? address.hostname : formatHostPort(address.hostname, address.port);
}
