/**
 * What the server tells its operator: never on standard output, which belongs to the protocol.
 *
 * @module
 */
import { Refusal } from "./refusal.ts";

/** Where lines go. */
export interface LogOptions {
  /** Every call and every refused message too, not only what went wrong. */
  readonly isVerbose?: boolean;
  /** Appended to; standard error unless given. */
  readonly path?: string | undefined;
}

/** Lines with their time, level and message. */
export interface Log extends Disposable {
  debug(message: string): void;
  info(message: string): void;
  error(message: string): void;
}

/** A log that keeps silent. */
export const SILENT_LOG: Log = { debug() {}, info() {}, error() {}, [Symbol.dispose]() {} };

const OWNER_ONLY = 0o600;

/**
 * Opens a log.
 *
 * @throws {Refusal} the file cannot be opened
 */
export function openLog({ isVerbose = false, path }: LogOptions): Log {
  const sink = path === undefined ? Deno.stderr : openFile(path);
  const encoder = new TextEncoder();
  const write = (level: string, message: string) => {
    const line = `${new Date().toISOString()} ${level} ${message.replaceAll(/\s*\n\s*/g, " | ")}\n`;
    try {
      sink.writeSync(encoder.encode(line));
    } catch {
      // A log that cannot be written is no reason to stop answering.
    }
  };
  return {
    debug: (message) => isVerbose && write("DEBUG", message),
    info: (message) => write("INFO", message),
    error: (message) => write("ERROR", message),
    [Symbol.dispose]: () => path !== undefined && sink.close(),
  };
}

function openFile(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { append: true, create: true, mode: OWNER_ONLY });
  } catch (error) {
    if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
    throw new Refusal(`Cannot write the log to ${path}: ${error.message}. Give another --log-file.`);
  }
}
