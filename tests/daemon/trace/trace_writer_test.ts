import { assertEquals, assertThrows } from "@std/assert";
import { SILENCE } from "../../../daemon/trace/recorded_forecaster.ts";
import type { TraceLine } from "../../../daemon/trace/trace_line.ts";
import { MAX_HELD_LINES, TraceFileError, TraceWriter } from "../../../daemon/trace/trace_writer.ts";

const MODE_BITS = 0o777;

function line(localRawNs: bigint): TraceLine {
  return { type: "predict", localRawNs, number: Number(localRawNs), spoken: SILENCE };
}

function text(...locals: number[]): string {
  return locals.map((local) => `{"type":"predict","local":${local},"number":${local}}\n`).join("");
}

/** Runs `use` with the path of a file in a folder of its own. */
async function withPath(use: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "chronotick-trace-" });
  try {
    await use(`${folder}/trace.jsonl`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("TraceWriter writes for its owner alone, in the order of time, what nothing earlier can precede", () =>
  withPath(async (path) => {
    const failures: string[] = [];
    {
      await using writer = TraceWriter.open(path, (reason) => failures.push(reason));
      for (const local of [3n, 9n, 1n, 4n, 5n]) writer.hold(line(local));
      writer.release(4n);
      writer.hold(line(7n));
    }
    assertEquals(await Deno.readTextFile(path), text(1, 3, 4, 5, 7, 9));
    assertEquals((await Deno.stat(path)).mode! & MODE_BITS, 0o600);
    assertEquals(failures, []);
  }));

Deno.test("TraceWriter appends, beginning a new line where a crash left half of one", () =>
  withPath(async (path) => {
    for (const local of [1, 2]) {
      await using writer = TraceWriter.open(path, () => {});
      writer.hold(line(BigInt(local)));
    }
    assertEquals(await Deno.readTextFile(path), text(1, 2));
    await Deno.writeTextFile(path, '{"type":"pred', { append: true });
    {
      await using writer = TraceWriter.open(path, () => {});
      writer.hold(line(3n));
    }
    assertEquals(await Deno.readTextFile(path), text(1, 2) + '{"type":"pred\n' + text(3));
  }));

Deno.test("TraceWriter refuses a file that another one writes, until that one has ended", () =>
  withPath(async (path) => {
    {
      await using writer = TraceWriter.open(path, () => {});
      writer.hold(line(1n));
      assertThrows(() => TraceWriter.open(path, () => {}), TraceFileError, "another daemon records to it");
    }
    {
      await using writer = TraceWriter.open(path, () => {});
      writer.hold(line(2n));
    }
    assertEquals(await Deno.readTextFile(path), text(1, 2));
  }));

Deno.test("TraceWriter ends with one word when the disk is full, and never throws", async () => {
  const failures: string[] = [];
  await using writer = TraceWriter.open("/dev/full", (reason) => failures.push(reason));
  const told = Promise.withResolvers<void>();
  const untilTold = setInterval(() => failures.length > 0 && told.resolve(), 1);
  for (let local = 0n; local < 3n; local++) {
    writer.hold(line(local));
    writer.release(local);
  }
  await told.promise;
  clearInterval(untilTold);
  writer.hold(line(4n));
  writer.release(4n);
  assertEquals(failures, ["No space left on device (os error 28)"]);
});

Deno.test("TraceWriter ends when lines are held for ever", () =>
  withPath(async (path) => {
    const failures: string[] = [];
    {
      await using writer = TraceWriter.open(path, (reason) => failures.push(reason));
      for (let local = 0; local <= MAX_HELD_LINES + 5; local++) writer.hold(line(BigInt(local)));
    }
    assertEquals(failures, ["more than 10000 lines came out of order"]);
    assertEquals(await Deno.readTextFile(path), "");
  }));

Deno.test("TraceWriter says in one sentence why it cannot record", () => {
  const message = (path: string) =>
    assertThrows(() => TraceWriter.open(path, () => {}), TraceFileError).message;
  assertEquals(
    message("/nowhere/trace.jsonl"),
    "Cannot record to /nowhere/trace.jsonl: there is no such file or folder. Choose another file with --record.",
  );
  assertEquals(message("/tmp"), "Cannot record to /tmp: it is a folder. Choose another file with --record.");
});
