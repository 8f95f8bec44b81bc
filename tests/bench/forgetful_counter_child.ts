/**
 * A counter without any reservation: mapped memory, which a crash of the machine takes. Arguments: folder, journal,
 * boot. Prints a line when it begins.
 *
 * @module
 */
import { printJsonLine } from "../../bench/json_line.ts";
import { TickJournal } from "../../bench/tick_journal.ts";
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { FileDescriptor, OpenFlag } from "../../ffi/files.ts";
import { Mapping } from "../../ffi/mapping.ts";
import { counterPath } from "../../ticks/counter_file.ts";
import { FILE_BYTES, Word } from "../../ticks/counter_layout.ts";

const [folder, journalPath] = Deno.args as [string, string];
const journal = new TickJournal(journalPath);
const file = FileDescriptor.open(counterPath(folder), OpenFlag.RDWR);
const words = new BigUint64Array(new Mapping(file, FILE_BYTES, "readwrite", "map the counter").buffer);
printJsonLine(null);
while (!journal.isFull) {
  const askedNs = nowNs(Clock.MONOTONIC);
  const first = Atomics.add(words, Word.next, 1n);
  journal.add({ first, count: 1n, askedNs, givenNs: nowNs(Clock.MONOTONIC), utcNs: 0n });
}
await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
