import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { ChronoTickClient } from "../../client/client.ts";
import type { CorrectedTime } from "../../record/corrected_time.ts";
import { toNs } from "../../record/unix_time.ts";
import { available } from "../support/available.ts";
import { bytesOf, PublishedRecord, randomShmName, recordPublishedAgo } from "../support/published_record.ts";

const PROTOCOL = Deno.readTextFileSync(`${import.meta.dirname}/../../PROTOCOL.md`);
const EXAMPLES = `${import.meta.dirname}/../../examples`;

/** The one code block of PROTOCOL.md that names itself so in its first line. */
function program(fileName: string): string {
  const blocks = [...PROTOCOL.matchAll(/^```\w+\n([^]*?)^```$/gm)].map(([, text]) => text!);
  const named = blocks.filter((text) => text.split("\n")[0]!.includes(fileName));
  assertEquals(named.length, 1, fileName);
  return named[0]!;
}

/** A folder in which a program of PROTOCOL.md lies, ready to run. */
class Workshop implements AsyncDisposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "chronotick-protocol-" });

  async write(fileName: string, text: string): Promise<string> {
    const path = `${this.folder}/${fileName}`;
    await Deno.writeTextFile(path, text);
    return path;
  }

  /** Compiles without a single warning. */
  async compile(source: string): Promise<string> {
    const flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic"];
    const binary = `${source}.out`;
    const { success, stderr } = await new Deno.Command("cc", {
      args: [...flags, "-o", binary, source, "-lm"],
    })
      .output();
    assert(success, new TextDecoder().decode(stderr));
    return binary;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

function pythonReader(): Promise<string[]> {
  return Promise.resolve(["python3", `${EXAMPLES}/reader.py`]);
}

async function cReader(workshop: Workshop): Promise<string[]> {
  return [
    await workshop.compile(await workshop.write("reader.c", await Deno.readTextFile(`${EXAMPLES}/reader.c`))),
  ];
}

interface Reading {
  readonly boottimeNs: bigint;
  readonly correctedNs: bigint;
  readonly earliestNs: bigint;
  readonly latestNs: bigint;
  readonly sigmaSeconds: number;
}

/** What a reader says of a segment; a text when it refuses. */
async function ask([executable, ...args]: string[], shmName: string): Promise<Reading | string> {
  const { success, stdout, stderr } = await new Deno.Command(executable!, { args: [...args, shmName] })
    .output();
  const decoder = new TextDecoder();
  if (!success) return decoder.decode(stderr).trim();
  const words = decoder.decode(stdout).trim().split(" ");
  const [boottimeNs, correctedNs, earliestNs, latestNs] = words.slice(0, 4).map(BigInt) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return { boottimeNs, correctedNs, earliestNs, latestNs, sigmaSeconds: Number(words[4]) };
}

/** The client's answer and the reader's are of different instants: carries the client's over by the formulas. */
function assertSameAnswer(reading: Reading, time: CorrectedTime, anchorNs: bigint): void {
  const systemNs = reading.boottimeNs + anchorNs;
  const clientSystemNs = toNs(time.time) - BigInt(Math.round(time.correctionSeconds * 1e9));
  const laterNs = Number(systemNs - clientSystemNs);
  const correctedNs = Number(reading.correctedNs - toNs(time.time));
  // The readers take their distance from the prediction from a double of Unix seconds.
  const stepNs = 240 * Math.abs(time.driftRate);
  assertAlmostEquals(correctedNs, laterNs * (1 + time.driftRate), 3 + stepNs);
  const halfNs = Number(reading.latestNs - reading.earliestNs) / 2;
  assertAlmostEquals(halfNs, time.maxErrorSeconds * 1e9 + 50e-6 * laterNs, 3);
  assertEquals(reading.latestNs - reading.correctedNs, reading.correctedNs - reading.earliestNs);
  assertAlmostEquals(
    reading.sigmaSeconds,
    time.uncertaintySeconds,
    time.driftUncertainty * laterNs / 1e9 + 1e-12,
  );
}

const READERS = [
  { language: "Python", needs: ["python3"], prepare: pythonReader },
  { language: "C", needs: ["cc"], prepare: cReader },
];

for (const { language, needs, prepare } of READERS) {
  Deno.test({
    name: `the example's reader in ${language} tells what the client tells`,
    ignore: !needs.every((name) => available(name)),
    async fn() {
      await using workshop = new Workshop();
      const reader = await prepare(workshop);
      using record = new PublishedRecord();
      using client = new ChronoTickClient({ shmName: record.name });
      const cases = [
        {},
        { offsetCorrection: -28_800.125, driftRate: -0.05, maxError: 2.5 },
        { offsetCorrection: 1e-9, driftRate: 83e-3, maxError: 1e-7, driftUncertainty: 1e-5 },
      ];
      for (const overrides of cases) {
        const { boottimeAnchor } = record.publish(overrides);
        const time = client.getTime();
        const reading = await ask(reader, record.name);
        if (typeof reading === "string") throw new Error(reading);
        assertSameAnswer(reading, time, toNs(boottimeAnchor));
        // The one in between lies between the outer ones.
        const after = client.getTime();
        assert(toNs(time.time) < reading.correctedNs && reading.correctedNs < toNs(after.time));
      }
    },
  });

  Deno.test({
    name: `the example's reader in ${language} refuses what the client refuses`,
    ignore: !needs.every((name) => available(name)),
    async fn() {
      await using workshop = new Workshop();
      const reader = await prepare(workshop);
      using record = new PublishedRecord();
      using client = new ChronoTickClient({ shmName: record.name });
      const cases = [
        [{ flags: 0 }, 0, "the daemon has no valid time now"],
        [{ flags: 0x21 }, 0, "the daemon has no valid time now"],
        [{ validUntil: 1 }, 0, "the daemon has no valid time now"],
        [{ maxError: Infinity }, 0, "the writer gives no hard bound"],
        [{ layoutVersion: 0 }, 0, "the writer gives no hard bound"],
        [{}, 3600, "nobody publishes: "],
        [{}, -5, "nobody publishes: "],
        [{ layoutVersion: 2 }, 0, "the record is not one that an honest writer of this version leaves"],
        [{ maxError: NaN }, 0, "the record is not one that an honest writer of this version leaves"],
        [{ driftUncertainty: -1 }, 0, "the record is not one that an honest writer of this version leaves"],
      ] as const;
      for (const [overrides, ageSeconds, message] of cases) {
        record.publish(overrides, ageSeconds);
        assertThrows(() => client.now());
        const refusal = await ask(reader, record.name);
        assertEquals(
          String(refusal).startsWith(message),
          true,
          `${refusal} for ${JSON.stringify(overrides)}`,
        );
      }
      record.publish();
      record.leaveWriteUnderWay();
      assertEquals(
        await ask(reader, record.name),
        "a write has been under way for ever: the writer died half-way",
      );
    },
  });
}

/** Publishes the 128 bytes of standard input into the segment whose path is given. */
const C_WRITER = `
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
int main(int argc, char **argv) {
    uint32_t payload[32];
    int fd = argc == 2 ? open(argv[1], O_RDWR) : -1;
    _Atomic uint32_t *shared = mmap(0, 128, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED || read(0, payload, 128) != 128) return 1;
    publish(shared, payload);
    return 0;
}
`;

Deno.test({
  name: "PROTOCOL.md's writer in C is read by the client, and heals what a killed one left",
  ignore: !available("cc"),
  async fn() {
    await using workshop = new Workshop();
    const source = await workshop.write("writer.c", program("publish.h") + C_WRITER);
    const writer = await workshop.compile(source);
    const name = randomShmName();
    const path = `/dev/shm/${name}`;
    await Deno.writeFile(path, new Uint8Array(128), { mode: 0o644 });
    try {
      using client = new ChronoTickClient({ shmName: name });
      for (const [left, sequence] of [[0, 2], [7, 8], [0xffffffff, 0]] as const) {
        const bytes = Deno.readFileSync(path);
        new DataView(bytes.buffer).setUint32(68, left, true);
        Deno.writeFileSync(path, bytes);
        const child = new Deno.Command(writer, { args: [path], stdin: "piped" }).spawn();
        const input = child.stdin.getWriter();
        await input.write(bytesOf(recordPublishedAgo(0, { measurementCount: left, sequenceNumber: 12345 })));
        await input.close();
        assertEquals((await child.status).success, true);
        const { measurementCount, sequenceNumber, state } = client.read();
        assertEquals([measurementCount, sequenceNumber, state], [left, sequence, "valid"]);
      }
    } finally {
      await Deno.remove(path);
    }
  },
});
