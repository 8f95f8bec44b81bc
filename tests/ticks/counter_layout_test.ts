import { assertEquals } from "@std/assert";
import { FILE_BYTES, HEADER, Offset, SLOT, Word } from "../../ticks/counter_layout.ts";
import { available } from "../support/available.ts";
import { tableOf } from "../support/markdown_table.ts";
import { python } from "../support/python.ts";
import { StateFolder } from "./state_folder.ts";

const GUIDE = Deno.readTextFileSync(`${import.meta.dirname}/../../docs/ticks.md`);
const FIELDS = tableOf(GUIDE, "part", "offset", "type", "field", "meaning");

function documented(part: string): Record<string, number> {
  const rows = FIELDS.filter(([of, , , field]) => of === part && field !== "magic");
  return Object.fromEntries(rows.map(([, offset, , field]) => [field!, Number(offset)]));
}

Deno.test("docs/ticks.md's tables are the layout of the code", () => {
  const parts = tableOf(GUIDE, "offset", "bytes", "part").map(([offset]) => Number(offset));
  assertEquals(parts, [Offset.header, Offset.live, ...Offset.slots]);
  const live = Object.entries(Word).map(([name, index]) => [name, 8 * index - Offset.live]);
  assertEquals(documented("live"), Object.fromEntries(live));
  assertEquals(documented("header"), { ...HEADER });
  assertEquals(documented("slot"), { ...SLOT });
});

/** Reads a counter file as docs/ticks.md describes it. */
const READER = `
import os, struct, sys, zlib
path = sys.argv[1]
data = open(path, "rb").read()
def sealed(offset, magic):
    sector = data[offset:offset + 512]
    assert sector[:8] == magic and struct.unpack_from("<I", sector, 508)[0] == zlib.crc32(sector[:508])
    return sector
header = sealed(0, b"CHRONOS\\x1a")
version, inode = struct.unpack_from("<I4xQ", header, 8)
assert (version, inode, len(data)) == (1, os.stat(path).st_ino, 16384)
slots = [struct.unpack_from("<QQqI", sealed(offset, b"RESERVE\\x1a"), 8) for offset in (8192, 12288)]
assert [sequence % 2 for sequence, *_ in slots] == [0, 1]
next_tick, limit, sequence, last_utc, utc_limit, boot_low, boot_high = struct.unpack_from("<Q56xQQQQQQ", data, 4096)
assert (boot_low, boot_high) == (int(sys.argv[2]), 1)
print(next_tick, limit, last_utc, *max(slots)[1:])
`;

Deno.test({
  name: "Python reads a counter by docs/ticks.md while it is in use and after a clean stop",
  ignore: !available("python3"),
  fn: async () => {
    using state = new StateFolder();
    assertEquals(Deno.statSync(state.file).size, FILE_BYTES);
    {
      using counter = state.open(7, { blockTicks: 100 });
      for (let i = 0; i < 3; i++) counter.next();
      counter.nextStamped(9_000_000_000n);
      assertEquals(
        await python(READER, state.file, "7"),
        "5 100 9000000000 100 14000000000 0",
      );
    }
    assertEquals(await python(READER, state.file, "7"), "5 4 9000000000 4 9000000000 1");
  },
});
