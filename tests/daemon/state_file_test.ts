import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { Logger } from "../../daemon/log.ts";
import { type BootIdentity, StateFile, stateFolder } from "../../daemon/state_file.ts";

const HERE: BootIdentity = { machineId: "machine", bootId: "boot" };
const STATE = {
  frequency: 20e-6,
  frequencyVariance: 1e-16,
  floorsSeconds: { "ntp.example|192.0.2.1:123": 0.0021 },
};
const SAVED_AT = 1000;
const MODE_BITS = 0o777;

/** A folder that is not there yet, and what is logged about it. */
async function withState(
  use: (state: (identity?: BootIdentity) => StateFile, folder: string, lines: string[]) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "chronotick-state-" });
  const folder = `${root}/home/state`;
  const lines: string[] = [];
  const sink = { name: "test", write: (line: string) => lines.push(line), reopen() {}, close() {} };
  using log = new Logger({ sink, format: ({ level, message }) => `${level} ${message}` });
  try {
    await use((identity = HERE) => new StateFile(folder, "shm", identity, log), folder, lines);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("StateFile keeps the states of two records at different paths apart", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chronotick-state-" });
  using log = new Logger({ level: "ERROR" });
  try {
    for (const path of ["/run/a/record", "/run/b/record"]) {
      await new StateFile(folder, path, HERE, log).save(STATE, SAVED_AT);
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "_run_a_record.json",
      "_run_b_record.json",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("StateFile gives back the frequency as a prior that has become less sure", () =>
  withState(async (state, folder, lines) => {
    assertEquals(state().load(SAVED_AT), null); // the first start
    await state().save(STATE, SAVED_AT);
    const loaded = state().load(SAVED_AT + 10_000)!;
    assertEquals([loaded.frequency, loaded.floorsSeconds], [STATE.frequency, STATE.floorsSeconds]);
    // 4 × 1e-16, 1 ppm of temperature, and a random walk of (3e-9)² × 10 000 s.
    assertAlmostEquals(loaded.frequencyVariance, 4e-16 + 1e-12 + 9e-14, 1e-18);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["shm.json"]);
    assertEquals((await Deno.stat(folder)).mode! & MODE_BITS, 0o700);
    assertEquals((await Deno.stat(`${folder}/shm.json`)).mode! & MODE_BITS, 0o600);
    assertEquals(lines, []);
  }));

Deno.test("StateFile replaces its file, so that a reader has the old one or the new one", () =>
  withState(async (state, folder) => {
    await state().save(STATE, SAVED_AT);
    using old = await Deno.open(`${folder}/shm.json`);
    await state().save({ ...STATE, frequency: 30e-6 }, SAVED_AT + 1);
    const oldText = await new Response(old.readable).text();
    assertEquals(JSON.parse(oldText).frequency, 20e-6);
    assertEquals(state().load(SAVED_AT + 1)!.frequency, 30e-6);
  }));

Deno.test("StateFile keeps no frequency that is not known, and not what was known less well than before", () =>
  withState(async (state) => {
    await state().save(null, SAVED_AT);
    await state().save({ ...STATE, frequencyVariance: (6e-6) ** 2 }, SAVED_AT);
    await state().save({ ...STATE, frequencyVariance: NaN }, SAVED_AT);
    assertEquals(state().load(SAVED_AT), null);
  }));

Deno.test("StateFile leaves the state of another boot, of another machine and of the future alone, and says so", () =>
  withState(async (state, folder, lines) => {
    await state().save(STATE, SAVED_AT);
    assertEquals(state({ ...HERE, bootId: "next" }).load(SAVED_AT), null);
    assertEquals(state({ ...HERE, machineId: null }).load(SAVED_AT), null);
    assertEquals(state().load(SAVED_AT - 1), null);
    assertEquals(
      lines,
      Array(3).fill(`INFO Beginning anew: ${folder}/shm.json is of another boot or machine.`),
    );
  }));

Deno.test("StateFile ignores damaged files with one line each", () =>
  withState(async (state, folder, lines) => {
    await state().save(STATE, SAVED_AT);
    const path = `${folder}/shm.json`;
    const whole = JSON.parse(await Deno.readTextFile(path));
    const damaged = [
      "",
      '{"version":1',
      "[]",
      JSON.stringify({ ...whole, version: 2 }),
      JSON.stringify({ ...whole, frequency: 0.1 }),
      JSON.stringify({ ...whole, frequency_variance: 0 }),
      JSON.stringify({ ...whole, floors: { a: -1 } }),
      JSON.stringify({ ...whole, surprise: 1 }),
      JSON.stringify(whole) + " ".repeat(65_536),
    ];
    for (const text of damaged) {
      await Deno.writeTextFile(path, text);
      assertEquals(state().load(SAVED_AT), null, text.slice(0, 80));
    }
    const line = `WARNING Beginning anew: cannot use ${path}: it is damaged or of another version.`;
    assertEquals(lines, Array(damaged.length).fill(line));
  }));

Deno.test("StateFile warns once where nothing can be kept", () =>
  withState(async (state, folder, lines) => {
    await Deno.mkdir(folder.slice(0, -"/state".length));
    await Deno.writeTextFile(folder, "no folder");
    const file = state();
    for (let attempt = 0; attempt < 3; attempt++) await file.save(STATE, SAVED_AT);
    assertEquals(lines.length, 1);
    assertGreater(lines[0]!.indexOf("Set STATE_DIRECTORY."), 0);
  }));

Deno.test("stateFolder() follows systemd, then XDG, then the home folder, and takes absolute paths only", () => {
  const folder = (environment: Record<string, string>) => stateFolder(new Map(Object.entries(environment)));
  const home = { HOME: "/srv/ada" };
  const xdg = { ...home, XDG_STATE_HOME: "/srv/ada/states" };
  assertEquals(
    folder({ ...xdg, STATE_DIRECTORY: "/var/lib/chronotick:/var/lib/other" }),
    "/var/lib/chronotick",
  );
  assertEquals(folder({ ...xdg, STATE_DIRECTORY: "" }), "/srv/ada/states/chronotick");
  assertEquals(folder({ ...home, XDG_STATE_HOME: "states" }), "/srv/ada/.local/state/chronotick");
  assertEquals(folder({}), null);
  assertEquals(folder({ HOME: "." }), null);
});
