import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runReplay } from "../system/support/run.ts";

const QUERY = '{"type":"query","local":1000000000}\n';
const EXCHANGE = '{"type":"exchange","server":"a","t1":1000000000,"t2":1742363179000000000,' +
  '"t3":1742363179000000000,"t4":1002000000,"stratum":1,"root_delay":0,"root_dispersion":0}\n';

/** A folder for one replay, its trace in it. */
class Folder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async with(files: Readonly<Record<string, string>>): Promise<Folder> {
    const folder = new Folder(await Deno.makeTempDir({ prefix: "chronotick-replay-" }));
    const withConfig = { "config.yaml": "models: { enabled: false }", ...files };
    for (const [name, text] of Object.entries(withConfig)) await Deno.writeTextFile(folder.file(name), text);
    return folder;
  }

  file(name: string): string {
    return `${this.path}/${name}`;
  }

  read(name: string): Promise<string> {
    return Deno.readTextFile(this.file(name));
  }

  /** Replays `trace.jsonl` into `out.csv`. */
  replay(...more: string[]): ReturnType<typeof runReplay> {
    const files = ["--input", this.file("trace.jsonl"), "--output", this.file("out.csv")];
    return runReplay([...files, "--config", this.file("config.yaml"), ...more]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

Deno.test("replay writes a row for every query, under the header that is promised", async () => {
  const future = '{"type":"query","local":1002000000,"for":61002000000}\n';
  await using folder = await Folder.with({ "trace.jsonl": QUERY + EXCHANGE + future });
  const { code, stdout, stderr } = await folder.replay();
  assertEquals([code, stdout], [0, ""]);
  assertStringIncludes(stderr, "1 exchanges, 0 lost, 2 answers.");
  const [header, unknown, known, rest] = (await folder.read("out.csv")).split("\n");
  assertEquals(header, "local,for,utc,sigma,max_error,flags,source");
  // UNSYNCHRONIZED (64) and SYSTEM_CLOCK (128), no data.
  assertEquals(unknown, "1000000000,1000000000,0,Infinity,Infinity,192,0");
  // Half a round trip of 2 ms after the server's stamp, and 60 s at a frequency of which nothing is known.
  assertMatch(known!, /^1002000000,61002000000,1742363239001000000,0\.00\d+,0\.004\d+,\d+,1$/);
  assertEquals(rest, "");
});

Deno.test("replay refuses a broken line by its number, keeps the answers before it, and fails", async () => {
  await using folder = await Folder.with({ "trace.jsonl": QUERY + "\n" + '{"type":"query"}\n' + QUERY });
  const { code, stderr } = await folder.replay();
  assertEquals(code, 1);
  assertEquals(
    stderr,
    `chronotick-replay: Cannot replay ${folder.file("trace.jsonl")}: line 3 is refused: it has no "local".\n`,
  );
  assertEquals((await folder.read("out.csv")).split("\n").length, 3);
});

Deno.test("replay refuses to do without its files, to write over its trace, and to replay what is not there", async () => {
  await using folder = await Folder.with({ "trace.jsonl": QUERY });
  const trace = folder.file("trace.jsonl");
  const missing = await runReplay(["--input", trace]);
  assertEquals(missing.code, 2);
  assertMatch(missing.stderr, /--output is missing/);
  await Deno.symlink(trace, folder.file("same"));
  const same = await runReplay(["--input", trace, "--output", folder.file("same")]);
  assertEquals(same.code, 2);
  assertMatch(same.stderr, /is the trace .* itself: choose another file/);
  assertEquals(await folder.read("trace.jsonl"), QUERY);
  const absent = await runReplay(["--input", folder.file("absent"), "--output", folder.file("out.csv")]);
  assertEquals(absent.code, 1);
  assertMatch(absent.stderr, /Cannot read .*absent: there is no such file or folder\./);
});

Deno.test("replay imports a public trace as a new trace, and asks before each measurement", async () => {
  const csv = "system_time,ntp_offset,ntp_delay\n1742363179,0.5,0.002\n1742363180,0.5,0.002\n";
  await using folder = await Folder.with({ "public.csv": csv });
  const { code, stderr } = await folder.replay("--import-csv", folder.file("public.csv"));
  assertEquals(code, 0, stderr);
  const rows = (await folder.read("out.csv")).trimEnd().split("\n").slice(1).map((row) => row.split(","));
  assertEquals(rows.map(([local, , utc]) => [local, utc]), [
    ["1742363179000000000", "0"],
    ["1742363180000000000", "1742363180500000000"],
  ]);
  const again = await folder.replay("--import-csv", folder.file("public.csv"));
  assertEquals(again.code, 1);
  assertMatch(again.stderr, /Cannot write .*trace\.jsonl: it exists already\./);
});

Deno.test("replay leaves nothing behind of a public trace that cannot be imported", async () => {
  await using folder = await Folder.with({ "public.csv": "system_time,ntp_offset,ntp_delay\nnever,0,1\n" });
  const { code, stderr } = await folder.replay("--import-csv", folder.file("public.csv"));
  assertEquals(code, 1);
  assertMatch(stderr, /Cannot import .*public\.csv: line 2 is refused: system_time is "never"/);
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), [
    "config.yaml",
    "public.csv",
  ]);
});
