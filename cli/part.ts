/**
 * The parts of a program besides its main script, workers and files: beside the source in a checkout, within the script
 * itself when packaged.
 *
 * @module
 */
import { CARRIED } from "./carried.ts";

/** The URLs of the carried workers. They stay: a worker reads its own at a time of which nobody is told. */
const workerUrls = new Map<string, string>();

/** Starts a worker. `script` is its module in the source; `name` shows up in the thread's name. */
export function startWorker(script: URL, name: string): Worker {
  return new Worker(workerUrl(script), { type: "module", name });
}

/** The content of a file that comes with the source. */
export async function readPart(file: URL): Promise<Uint8Array<ArrayBuffer>> {
  return await readCarried(fileName(file)) ?? await Deno.readFile(file);
}

/** A file that only packaged programs need, as in a checkout a library finds it by itself; null there. */
export async function readCarried(name: string): Promise<Uint8Array<ArrayBuffer> | null> {
  if (CARRIED === null) return null;
  const binary = atob(carried(name));
  const compressed = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) compressed[at] = binary.charCodeAt(at);
  const content = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(content).arrayBuffer());
}

function workerUrl(script: URL): string {
  if (CARRIED === null) return script.href;
  const name = fileName(script);
  const url = workerUrls.get(name) ??
    URL.createObjectURL(new Blob([carried(name)], { type: "text/javascript" }));
  workerUrls.set(name, url);
  return url;
}

function carried(name: string): string {
  const part = CARRIED?.[name];
  if (part === undefined) throw new Error(`Cannot find ${name}: this program was packaged without it.`);
  return part();
}

function fileName(file: URL): string {
  return file.pathname.split("/").at(-1)!;
}
