/** Takes the segment named by its argument with 128 bytes, says so or why not, and holds it until it is killed. */
import { OwnedSegment } from "../../ffi/shared_memory.ts";

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

try {
  const segment = OwnedSegment.take(Deno.args[0]!, 128);
  new Uint8Array(segment.buffer).fill(0xab);
  print("taken");
  setInterval(() => segment.name, 1000);
} catch (error) {
  print(`${(error as Error).name}: ${(error as Error).message}`);
}
