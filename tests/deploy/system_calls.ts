import { python } from "../support/python.ts";

/** Names of system calls of a group and of those within it, as this systemd has them. */
const EXPAND = `
import json, subprocess, sys
text = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], capture_output=True, text=True, check=True).stdout
groups, group = {}, None
for line in text.splitlines():
    if line.startswith("@"): group = groups.setdefault(line.strip(), [])
    elif line.startswith("#"): group = []
    elif line.strip() and not line.strip().startswith("#"): group.append(line.strip())
def calls(name): return set().union(*map(calls, groups[name])) if name in groups else {name}
allowed = set()
for line in sys.argv[1].splitlines():
    change = allowed.difference_update if line.startswith("~") else allowed.update
    for name in line.lstrip("~").split(): change(calls(name))
print(json.dumps(sorted(allowed)))
`;

/** What the `SystemCallFilter` lines of a unit allow, applied in their order as systemd.exec(5) says. */
export async function allowedCalls(unit: string): Promise<ReadonlySet<string>> {
  const lines = [...unit.matchAll(/^SystemCallFilter=(.*)$/gm)].map(([, value]) => value);
  return new Set(JSON.parse(await python(EXPAND, lines.join("\n"))) as string[]);
}

/** A program to be watched by strace until it has done its work. */
export interface Traced {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** What it writes to standard error when it is ready. */
  readonly ready: RegExp;
  /** What it is to do meanwhile. */
  readonly work: () => Promise<void>;
}

/** The system calls that a program makes from its start to its end by SIGTERM. */
export async function callsOf({ command, environment, ready, work }: Traced): Promise<ReadonlySet<string>> {
  const counts = await Deno.makeTempFile({ prefix: "chronotick-strace-" });
  const child = new Deno.Command("strace", {
    args: ["-f", "-qq", "-c", "-o", counts, ...command],
    env: { ...environment },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  try {
    const log = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; !ready.test(text);) {
      const { value, done } = await log.read();
      if (done) throw new Error(`${command.join(" ")} ended early: ${text}`);
      text += value;
    }
    await work();
    const [pid] = (await Deno.readTextFile(`/proc/${child.pid}/task/${child.pid}/children`)).trim().split(
      " ",
    );
    Deno.kill(Number(pid), "SIGTERM");
    while (!(await log.read()).done);
    await child.status;
    const rows = (await Deno.readTextFile(counts)).split("\n").map((line) =>
      line.trim().split(/\s+/).at(-1)!
    );
    return new Set(rows.filter((name) => /^[a-z]\w*$/.test(name) && !["syscall", "total"].includes(name)));
  } finally {
    await Deno.remove(counts);
  }
}
