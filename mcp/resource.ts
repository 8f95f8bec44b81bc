/**
 * What a resource is: a page that a client may read, and follow. Nothing here knows the protocol.
 *
 * @module
 */
import type { Session } from "./session.ts";

/** A page at a fixed address. */
export interface Resource {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
  read(session: Session): string | Promise<string>;
  /** Changes when those who follow the page should look again, and not more often. */
  version(session: Session): string | Promise<string>;
}
