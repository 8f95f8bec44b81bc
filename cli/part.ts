/**
 * The parts of a program besides its main script, workers and files: beside the source in a checkout, within the script
 * itself when packaged.
 *
 * @module
 */
import { CARRIED } from "./carried.ts";

/** The carried files that were asked for, as blobs; they stay, for other threads to read. */
const urls = new Map<string, string>();

/** Starts a worker. `script` is its module in the source; `name` shows up in the thread's name. */
export function startWorker(script: URL, name: string): Worker {
  // Binaries load no workers from blobs, but from data URLs they do.
  const url = CARRIED === null
    ? script.href
    : `data:text/javascript,${encodeURIComponent(carried(fileName(script)))}`;
  return new Worker(url, { type: "module", name });
}

/** The content of a file that comes with the source. */
export async function readPart(file: URL): Promise<Uint8Array<ArrayBuffer>> {
  return CARRIED === null ? await Deno.readFile(file) : await readCarried(carriedUrl(fileName(file)));
}

/**
 * Where {@linkcode readCarried} finds a file that only packages carry, in any thread of this process. Null in a checkout,
 * where the library that needs the file finds it by itself.
 */
export function urlOfCarried(name: string): string | null {
  return CARRIED === null ? null : carriedUrl(name);
}

/** The content of a carried file. */
export async function readCarried(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const compressed = (await fetch(url)).body!;
  const content = compressed.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(content).arrayBuffer());
}

function carriedUrl(name: string): string {
  const url = urls.get(name) ?? URL.createObjectURL(new Blob([fromBase64(carried(name))]));
  urls.set(name, url);
  return url;
}

function carried(name: string): string {
  const part = CARRIED?.[name];
  if (part === undefined) throw new Error(`Cannot find ${name}: this program was packaged without it.`);
  return part();
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

function fileName(file: URL): string {
  return file.pathname.split("/").at(-1)!;
}
