import { assertEquals, assertGreater } from "@std/assert";
import { Bundle } from "./support/bundle.ts";
import { LineClient } from "./support/line_client.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;
const PLACEHOLDER = "/path/to/dist/chronotick-mcp.js";

interface Entry {
  readonly command: string;
  readonly args: readonly string[];
}

/** The command lines that clients are told to run: in settings files and for the shell. */
function entriesOf(text: string): Entry[] {
  const settings = [...text.matchAll(/^```json\n(.*?)^```$/gms)].map((match) => JSON.parse(match[1]!));
  const inSettings = settings.map((file) => Object.values(file.mcpServers ?? file.servers)[0] as Entry);
  const inShell = [...text.matchAll(/^claude mcp add chronotick -- (\S+) (.*)$/gm)];
  return [
    ...inSettings,
    ...inShell.map(([, command, args]) => ({ command: command!, args: args!.split(" ") })),
  ];
}

Deno.test("every entry that docs/agents.md has for a client starts the server", async () => {
  const entries = entriesOf(await Deno.readTextFile(`${PROJECT}docs/agents.md`));
  assertGreater(entries.length, 2);
  await using bundle = await Bundle.make();
  for (const { command, args } of entries) {
    assertEquals([command, args.includes(PLACEHOLDER)], ["deno", true]);
    const actual = args.map((argument) => argument === PLACEHOLDER ? bundle.path : argument);
    await using client = new LineClient([], [Deno.execPath(), ...actual]);
    assertEquals((await client.initialize()).result.serverInfo.name, "chronotick");
  }
});
