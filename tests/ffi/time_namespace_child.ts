/** Prints this process's BOOTTIME offset and its CLOCK_BOOTTIME on the host's scale, ns. */
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { boottimeNamespaceOffsetNs } from "../../ffi/time_namespace.ts";

const offsetNs = boottimeNamespaceOffsetNs();
const line = `${offsetNs} ${nowNs(Clock.BOOTTIME) - offsetNs}\n`;
Deno.stdout.writeSync(new TextEncoder().encode(line));
