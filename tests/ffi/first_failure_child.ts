/** Prints how the very first call of the C library in this process fails: looking up errno must not disturb errno. */
import { FileDescriptor, OpenFlag } from "../../ffi/files.ts";

try {
  FileDescriptor.open("/tmp", OpenFlag.RDWR);
} catch (error) {
  Deno.stdout.writeSync(new TextEncoder().encode(`${(error as Error).message}\n`));
}
