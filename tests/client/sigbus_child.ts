/** Attaches to the segment of the given name, and asks it again when standard input ends. */
import { ChronoTickClient } from "../../mod.ts";

const [shmName] = Deno.args;
using client = new ChronoTickClient({ shmName: shmName!, access: "mmap" });
client.now();
const print = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));
print("attached\n");
await Deno.stdin.read(new Uint8Array(1));
client.now();
print("alive\n");
