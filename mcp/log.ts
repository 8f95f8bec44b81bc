/**
 * What the server tells its operator: never on standard output, which belongs to the protocol.
 *
 * @module
 */

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
  error(message: string): void;
}

/** A log that keeps silent. */
export const SILENT_LOG: Log = { debug() {}, error() {}, [Symbol.dispose]() {} };

const OWNER_ONLY = 0o600;

/** Opens a log. */
export function openLog({ isVerbose = false, path }: LogOptions): Log {
  const sink = path === undefined
    ? Deno.stderr
    : Deno.openSync(path, { append: true, create: true, mode: OWNER_ONLY });
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
    error: (message) => write("ERROR", message),
    [Symbol.dispose]: () => path !== undefined && sink.close(),
  };
}
