import { assert, assertEquals, assertMatch } from "@std/assert";
import { ChronoTickClient } from "../../mod.ts";
import { signalChild } from "../../sim/signal_child.ts";
import { exists } from "../support/exists.ts";
import { together } from "./support/together.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;

/** The demo as a process with a folder of its own for what is temporary. */
class Demo implements AsyncDisposable {
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;
  #text = "";

  private constructor(folder: string, child: Deno.ChildProcess) {
    this.#folder = folder;
    this.#child = child;
    this.#output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async start(...args: readonly string[]): Promise<Demo> {
    const folder = await Deno.makeTempDir({ prefix: "chronotick-" });
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--allow-all",
        "--config",
        `${PROJECT}deno.json`,
        `${PROJECT}examples/demo.ts`,
        ...args,
      ],
      env: { TMPDIR: folder },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new Demo(folder, child);
  }

  /** What it has printed when that matches `pattern`; everything once it has ended. */
  async printed(pattern?: RegExp): Promise<string> {
    while (pattern === undefined || !pattern.test(this.#text)) {
      const { value, done } = await this.#output.read();
      if (done) break;
      this.#text += value;
    }
    return this.#text;
  }

  /** Nobody reads what it prints any more. */
  async closeOutput(): Promise<void> {
    await this.#output.cancel();
  }

  /** The only process that it has started. */
  get daemonPid(): number {
    const parentOf = (pid: string) => {
      // proc(5): pid (comm) state ppid …
      const [, , , parent] = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/\(.*\)/s, "comm").split(" ");
      return Number(parent);
    };
    const pids = [...Deno.readDirSync("/proc")].map(({ name }) => name).filter((name) => /^\d+$/.test(name));
    return Number(pids.find((pid) => exists(`/proc/${pid}`) && parentOf(pid) === this.#child.pid));
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Its exit code and what it complained of; nothing temporary may be left. */
  async ended(): Promise<{ readonly code: number; readonly stderr: string }> {
    const stderr = await new Response(this.#child.stderr).text();
    const { code } = await this.#child.status;
    assertEquals([...Deno.readDirSync(this.#folder)].map(({ name }) => name), []);
    return { code, stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#output.cancel();
    signalChild(this.#child, "SIGKILL");
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

const scenarios = {
  async "shows a line every half second and says in the end that every bound held"() {
    await using demo = await Demo.start("--seconds", "3");
    const text = await demo.printed();
    assertEquals(await demo.ended(), { code: 0, stderr: "" });
    const lines = text.split("\n").filter((line) => /^ *\d+\.\d s .* ✓ /.test(line));
    assert(lines.length >= 5 && lines.length <= 7, text);
    const [, reads, inside] = /reads +(\d+)\n.*hard bound +(\d+) {2}✓ every one\n/.exec(text) ?? [];
    assert(Number(reads) > 100, text);
    assertEquals(reads, inside);
    assertMatch(text, /begins to lie/);
    assertMatch(text, /drift found +[+-]\d+\.\d ± \d+\.\d ppm {2}\(true: \+\d+\.\d ppm\)/);
    assert(!text.includes("\x1b"), "a pipe gets no colours");
  },

  async "--keep goes on for clients until Ctrl-C, and leaves nothing"() {
    await using demo = await Demo.start("--seconds", "1", "--keep");
    const text = await demo.printed(/simple_client/);
    const shmName = /client read --shm-name (\S+)/.exec(text)![1]!;
    using client = new ChronoTickClient({ shmName });
    const { writerPid } = client.read();
    assert(client.getTime().maxErrorSeconds < 0.01);
    demo.kill("SIGINT");
    await demo.printed();
    assertEquals(await demo.ended(), { code: 0, stderr: "" });
    for (const path of [`/dev/shm/${shmName}`, `/proc/${writerPid}`]) assert(!exists(path), path);
  },

  async "ends quietly and cleanly when nobody reads its output any more"() {
    await using demo = await Demo.start();
    await demo.printed(/0\.5 s/);
    await demo.closeOutput();
    assertEquals(await demo.ended(), { code: 0, stderr: "" });
  },

  async "ends cleanly when it is interrupted before there is a time"() {
    await using demo = await Demo.start();
    await demo.printed(/^ChronoTick/);
    demo.kill("SIGINT");
    assertMatch(await demo.printed(), /No valid time was read\.|every one/);
    assertEquals(await demo.ended(), { code: 0, stderr: "" });
  },

  async "says that its daemon ended by itself, with the daemon's log"() {
    await using demo = await Demo.start();
    await demo.printed(/0\.5 s/);
    Deno.kill(demo.daemonPid, "SIGKILL");
    const { code, stderr } = await demo.ended();
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /^chronotick-demo: The daemon ended by itself, with exit code 137:\n {2}\S+Z [A-Z]+ +[a-z]+: /,
    );
  },
};

Deno.test("the demo", (t) => together(t, scenarios));
