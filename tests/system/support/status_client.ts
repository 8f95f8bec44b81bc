import type { DaemonProcess } from "../../../sim/daemon_process.ts";

/** Where a daemon that was started with `--http 127.0.0.1:0` serves: `http://127.0.0.1:PORT/`. */
export async function httpAddress(daemon: DaemonProcess): Promise<string> {
  const line = await daemon.line(/Serving the status on http:/);
  return /http:\S+\//.exec(line)![0];
}

/** An answer over a Unix socket. */
export interface SocketAnswer {
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- tests look at whatever there is
  readonly document: any;
}

/** Asks with curl, which knows nothing of us. */
export async function askSocket(socketPath: string, path: string): Promise<SocketAnswer> {
  const { stdout, stderr } = await new Deno.Command("curl", {
    args: [
      "--silent",
      "--show-error",
      "--unix-socket",
      socketPath,
      "--write-out",
      "\n%{http_code}",
      `http://x${path}`,
    ],
  }).output();
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  const status = Number(lines.pop());
  if (!(status > 0)) throw new Error(`curl: ${new TextDecoder().decode(stderr)}`);
  return { status, document: JSON.parse(lines.join("\n")) };
}
