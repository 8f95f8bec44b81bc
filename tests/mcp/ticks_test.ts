import { assertEquals, assertMatch } from "@std/assert";
import { createCounter, LocalAuthority, parsePhi } from "../../ticks/mod.ts";
import { fromIsoString, toNs } from "../../mod.ts";
import { PublishedRecord, randomShmName } from "../support/published_record.ts";
import { LineClient } from "./support/line_client.ts";
import { SdkClient } from "./support/sdk_client.ts";

/** A folder that goes with the test. */
class Folder implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "chronotick-ticks-" });
  readonly address = `file:${this.path}`;

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

Deno.test("next_tick and the counter itself count the same ticks, also as two servers", async () => {
  using folder = new Folder();
  createCounter(folder.path);
  const options = { shmName: randomShmName(), tickAuthority: folder.address };
  await using one = await SdkClient.inProcess(options);
  await using two = await SdkClient.inProcess(options);
  await using counter = LocalAuthority.open(folder.path);
  const ticks: string[] = [];
  for (const client of [one, two, one]) ticks.push((await client.call("next_tick")).data.tick);
  assertEquals(ticks, ["1", "2", "3"]);
  assertEquals(await counter.next(), 4n);
  const { data, sentence } = await two.call("next_tick");
  assertEquals([data.tick, data.authority, sentence], [
    "5",
    folder.address,
    `This is tick 5 of ${folder.address}.`,
  ]);
});

Deno.test("stamp_event gives a Phi timestamp with the corrected time and its bounds", async () => {
  using folder = new Folder();
  createCounter(folder.path);
  using daemon = new PublishedRecord();
  await using client = await SdkClient.inProcess({ shmName: daemon.name, tickAuthority: folder.address });
  const before = toNs(fromIsoString((await client.call("get_time")).data.earliest));
  const { data } = await client.call("stamp_event", { agent: "CLAUDE-A" });
  const after = toNs(fromIsoString((await client.call("get_time")).data.latest));
  const { utcNs, agent, tick } = parsePhi(data.timestamp);
  assertEquals([agent, tick, data.source], ["CLAUDE-A", 1n, "ntp"]);
  assertEquals([String(utcNs), data.utc_ns, before < utcNs && utcNs < after], [
    data.utc_ns,
    String(utcNs),
    true,
  ]);
  assertEquals(toNs(fromIsoString(data.earliest)) < utcNs && utcNs < toNs(fromIsoString(data.latest)), true);

  const refused = await client.call("stamp_event", { agent: "no spaces" });
  assertMatch(refused.sentence, /^Cannot call stamp_event: agent: must be 1 to 64 letters, digits, dots/);
  assertEquals((await client.call("next_tick")).data.tick, "2");
});

Deno.test("without a counter the time is told all the same, and ticks as soon as there is one", async () => {
  using folder = new Folder();
  using daemon = new PublishedRecord();
  await using client = await SdkClient.inProcess({ shmName: daemon.name, tickAuthority: folder.address });
  const refused = await client.call("next_tick");
  assertEquals(refused.isError, true);
  assertMatch(refused.sentence, /Make one with chronos-ctl init/);
  const page = JSON.parse(await client.read("chronos://tick"));
  assertEquals([page.is_available, page.message], [false, refused.sentence]);
  assertEquals((await client.call("get_time")).isError, false);

  createCounter(folder.path);
  await client.client.subscribeResource({ uri: "chronos://tick" });
  const moved = client.nextUpdate("chronos://tick");
  assertEquals((await client.call("next_tick")).data.tick, "1");
  await moved;
  assertEquals(JSON.parse(await client.read("chronos://tick")).tick, "1");
});

Deno.test("with FFI permission alone a named counter serves, and an unnamed one is a sentence", async () => {
  using folder = new Folder();
  createCounter(folder.path);
  const call = (name: string) => ({ name, arguments: {} });
  await using named = new LineClient(["--tick-authority", folder.address]);
  await named.initialize();
  const { result } = await named.ask(1, "tools/call", call("next_tick"));
  assertEquals(result.structuredContent.tick, "1");
  await using unnamed = new LineClient([]);
  await unnamed.initialize();
  const refused = await unnamed.ask(1, "tools/call", call("next_tick"));
  assertMatch(
    refused.result.content[0].text,
    /Start it with --tick-authority file:\/folder, or as deno task mcp/,
  );
});
