import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { randomShmName } from "../../bench/live_publisher.ts";
import { huntTornReads } from "../../bench/torn_reads.ts";

Deno.test("a short hunt for torn reads finds none beside the real writer, and sees it publish", async () => {
  const { reads, torn, publications } = await huntTornReads({ readers: 2, reads: 1_000_000 });
  assertEquals({ reads, torn }, { reads: 1_000_000, torn: 0 });
  assertGreater(publications, 1);
});

Deno.test("the hunt catches a writer that counts its sequence up once instead of twice", async () => {
  const writer = new URL("./broken_writer_child.ts", import.meta.url);
  const { reads, torn } = await huntTornReads({ readers: 2, reads: 1_000_000, writer });
  assertEquals(reads, 1_000_000);
  assertGreater(torn, 0);
});

Deno.test("the hunt leaves no shared memory behind, though its writer is killed", async () => {
  const shmName = randomShmName();
  await huntTornReads({ readers: 1, reads: 1000, shmName });
  assertThrows(() => Deno.statSync(`/dev/shm/${shmName}`), Deno.errors.NotFound);
});
