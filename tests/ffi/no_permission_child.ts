/** Imports the C library's table, then uses it, and prints how far it came without the permission for it. */
import { libc } from "../../ffi/libc.ts";

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

print("imported");
try {
  libc.geteuid();
  print("called");
} catch (error) {
  print((error as Error).name);
}
