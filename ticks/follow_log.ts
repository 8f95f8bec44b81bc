/**
 * Watching a log grow, as `tail -f` does.
 *
 * @module
 */

const POLL_MS = 100;
/** Of what is there already, no more than the last so many bytes and lines are shown. */
const MAX_TAIL_BYTES = 65_536;
const MAX_TAIL_LINES = 10;
const READ_BYTES = 65_536;

/**
 * Writes the last entries of the log at `path`, and every one that is appended until `signal` aborts. Waits for a log
 * that is not there yet, and goes on with the new one when it is set aside.
 */
export async function followLog(
  path: string,
  write: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let file: Deno.FsFile | null = null;
  try {
    let inode: number | null = null;
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const found = await statusOrNull(path);
      if (found !== null && found.ino !== inode) {
        if (file !== null) write(await rest(file));
        file?.close();
        file = await Deno.open(path);
        inode = found.ino;
        if (isFirst) write(lastLines(await tail(file, found.size)));
      }
      if (file !== null) write(await rest(file));
      await sleep(signal);
    }
  } finally {
    file?.close();
  }
}

async function tail(file: Deno.FsFile, byteLength: number): Promise<string> {
  await file.seek(Math.max(0, byteLength - MAX_TAIL_BYTES), Deno.SeekMode.Start);
  return await rest(file);
}

function lastLines(text: string): string {
  return text.split("\n").slice(-MAX_TAIL_LINES - 1).join("\n");
}

/** What is there after the position; whole characters, since entries are appended whole. */
async function rest(file: Deno.FsFile): Promise<string> {
  const decoder = new TextDecoder();
  const bytes = new Uint8Array(READ_BYTES);
  let text = "";
  for (let count = await file.read(bytes); count !== null; count = await file.read(bytes)) {
    text += decoder.decode(bytes.subarray(0, count), { stream: true });
  }
  return text;
}

async function statusOrNull(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function sleep(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, POLL_MS);
    signal.addEventListener("abort", end);
  });
}
