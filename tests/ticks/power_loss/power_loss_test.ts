import { assertEquals, assertGreater } from "@std/assert";
import { FILE_BYTES, Offset } from "../../../ticks/counter_layout.ts";
import { available, findProgram } from "../../support/available.ts";
import { Random } from "../../support/random.ts";
import { makeFolderInMemory, StateFolder } from "../state_folder.ts";
import { Disk } from "./disk.ts";
import { readTrace, STRACE, type TraceEvent } from "./trace.ts";

const CHILD = new URL("./traced_child.ts", import.meta.url).pathname;
const PAGE_BYTES = 4096;
const SEED = 20_251_019;

/** Traces the child in a folder that it has to make; it can be made to die in its `killedInSync`th fdatasync. */
async function trace(folder: string, killedInSync?: number): Promise<TraceEvent[]> {
  const kill = killedInSync === undefined ? [] : ["-e", `inject=fdatasync:signal=KILL:when=${killedInSync}`];
  const output = await Deno.makeTempDir({ prefix: "chronotick-trace-" });
  try {
    const { success, stderr } = await new Deno.Command(findProgram("strace")!, {
      args: [
        ...STRACE.slice(1),
        ...kill,
        "-o",
        `${output}/thread`,
        ...[Deno.execPath(), "run", "--allow-all", "--no-check", "--no-lock", CHILD, folder],
      ],
    }).output();
    assertEquals(success, killedInSync === undefined, new TextDecoder().decode(stderr));
    const threads = [...Deno.readDirSync(output)].map(({ name }) =>
      readTrace(Deno.readTextFileSync(`${output}/${name}`), folder)
    );
    const busy = threads.filter((events) => events.some(({ kind }) => kind === "write" || kind === "say"));
    assertEquals(busy.length, 1, "one thread did all");
    return busy[0]!;
  } finally {
    await Deno.remove(output, { recursive: true });
  }
}

/** What had been handed out at some time. */
class HandedOut {
  tick = 0n;
  utcNs = 0n;

  hear(text: string): void {
    const [, tick, utcNs] = text.trim().split(" ");
    this.tick = BigInt(tick!);
    if (utcNs !== undefined) this.utcNs = BigInt(utcNs);
  }
}

/** The mapped page reaches the disk whenever the kernel likes: here as it was at the end, never, or mixed with dirt. */
function* withLivePages(
  state: Uint8Array<ArrayBuffer>,
  last: Uint8Array,
  random: Random,
): Generator<Uint8Array<ArrayBuffer>> {
  yield state;
  if (state.length < FILE_BYTES) return;
  const atEnd = state.slice();
  atEnd.set(last.subarray(Offset.live, Offset.live + PAGE_BYTES), Offset.live);
  yield atEnd;
  const mixed = atEnd.slice();
  for (let i = Offset.live; i < Offset.live + PAGE_BYTES; i++) {
    if (random.uniform() < 0.5) mixed[i] = Math.floor(256 * random.uniform());
  }
  yield mixed;
}

interface Verdict {
  readonly states: number;
  readonly repeats: string[];
}

/** Crashes after every step, opens whatever the disk may hold then, and goes on counting. */
function crashEverywhere(state: StateFolder, events: readonly TraceEvent[], isTearing: boolean): Verdict {
  const random = new Random(SEED);
  const disk = new Disk();
  const given = new HandedOut();
  const last = Deno.readFileSync(state.file);
  const repeats: string[] = [];
  let states = 0;
  for (const [step, event] of events.entries()) {
    if (event.kind === "say") given.hear(event.text);
    else disk.apply(event);
    if (disk.mayBeLost(state.file)) {
      if (given.tick > 0n) repeats.push(`step ${step}: the counter may be lost after tick ${given.tick}`);
      continue;
    }
    for (const left of disk.states(state.file, random, isTearing)) {
      for (const content of withLivePages(left, last, random)) {
        Deno.writeFileSync(state.file, content); // the same inode
        using counter = state.open(1000 + states++, { blockTicks: 1 });
        const stamp = counter.nextStamped(0n);
        if (stamp.tick <= given.tick) repeats.push(`step ${step}: ${stamp.tick} after ${given.tick}`);
        if (stamp.utcNs < given.utcNs) repeats.push(`step ${step}: a time before ${given.utcNs}`);
      }
    }
  }
  return { states, repeats };
}

Deno.test({
  name: "whatever a disk may hold after a power loss, no tick comes twice and no stamp's time goes back",
  ignore: !available("strace"),
  fn: async (t) => {
    using world = new StateFolder({ isEmpty: true, path: makeFolderInMemory() });
    using state = world.below("deep/chronos");
    const events = await trace(state.path);
    assertGreater(events.filter(({ kind }) => kind === "say").length, 50);

    await t.step("when disks write a sector whole or not at all", () => {
      const { states, repeats } = crashEverywhere(state, events, false);
      assertEquals(repeats, []);
      assertGreater(states, 300);
    });
    await t.step("when they may leave half a sector too", () => {
      assertEquals(crashEverywhere(state, events, true).repeats, []);
    });
    await t.step("when a process was killed between writing and syncing, and another goes on", async () => {
      for (let killedInSync = 2; killedInSync <= 6; killedInSync++) {
        using killed = world.below(`killed-${killedInSync}`);
        const both = [...await trace(killed.path, killedInSync), ...await trace(killed.path)];
        for (const isTearing of [false, true]) {
          assertEquals(crashEverywhere(killed, both, isTearing).repeats, []);
        }
      }
    });
    await t.step("and the check catches a counter that does not sync what it writes", () => {
      const careless = events.filter((event) => event.kind !== "sync" || event.path !== state.file);
      assertGreater(crashEverywhere(state, careless, false).repeats.length, 10);
    });
    await t.step("and one that does not sync the names of its files", () => {
      const careless = events.filter((event) => event.kind !== "sync" || event.path === state.file);
      assertGreater(crashEverywhere(state, careless, false).repeats.length, 10);
    });
  },
});
