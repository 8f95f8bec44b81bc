import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EtcdCluster } from "../sim/etcd_cluster.ts";
import { available } from "./support/available.ts";
import { PublishedRecord } from "./support/published_record.ts";

const CHECKOUT = new URL("../", import.meta.url);

/** The checkout behind a loopback port, and an empty folder with a cache of its own. */
class ElsewhereWorld implements AsyncDisposable {
  readonly folder: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** Paths that were asked for. */
  readonly served = new Set<string>();

  constructor() {
    this.folder = Deno.makeTempDirSync({ prefix: "chronotick-elsewhere-" });
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(new URL(request.url).pathname),
    );
  }

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  async #answer(path: string): Promise<Response> {
    this.served.add(path);
    try {
      const text = await Deno.readTextFile(new URL(`.${path}`, CHECKOUT));
      return new Response(text, { headers: { "content-type": "application/typescript" } });
    } catch {
      return new Response("not found", { status: 404 });
    }
  }

  /** Runs a script that imports from the served CHECKOUT, with these permissions and no others. */
  async run(script: string, permissions: string[], ...args: string[]) {
    const file = `${this.folder}/script.ts`;
    await Deno.writeTextFile(file, script.replaceAll("CHECKOUT", `http://${this.host}`));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-config", "--no-prompt", "--check", `--allow-import=${this.host}`],
        ...[...permissions, file, ...args],
      ],
      cwd: this.folder,
      env: { DENO_DIR: `${this.folder}/cache`, NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { code, output: decoder.decode(stdout), errors: decoder.decode(stderr) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await Deno.remove(this.folder, { recursive: true });
  }
}

const READ = `
import { ChronoTickClient, toNs } from "CHECKOUT/mod.ts";
using client = new ChronoTickClient({ shmName: Deno.args[0]! });
const { earliest, latest } = client.now();
console.log(String(toNs(latest) - toNs(earliest)), client.read().measurementCount);
`;

Deno.test("mod.ts imported from a URL reads a record with --allow-ffi alone", async () => {
  await using world = new ElsewhereWorld();
  using record = new PublishedRecord({ maxError: 0.125, measurementCount: 4711 });
  const timer = setInterval(() => record.publish({ maxError: 0.125, measurementCount: 4711 }), 50);
  const { code, output, errors } = await world.run(READ, ["--allow-ffi"], record.name);
  clearInterval(timer);
  assertEquals(code, 0, errors);
  const [widthNs, measurementCount] = output.trim().split(" ").map(Number) as [number, number];
  assert(widthNs >= 0.25e9 && widthNs < 0.2503e9, output);
  assertEquals(measurementCount, 4711);
  // Its module graph: nothing but rooms of the read side.
  for (const path of world.served) assert(/^\/(mod\.ts|(client|record|ffi)\/\w+\.ts)$/.test(path), path);
});

Deno.test("mod.ts opens no library at import, and without permission the first use says what is lacking", async () => {
  await using world = new ElsewhereWorld();
  const script = `
import * as chronotick from "CHECKOUT/mod.ts";
console.log(chronotick.toIsoString({ seconds: 0, nanoseconds: 7 }));
try {
  new chronotick.ChronoTickClient({ shmName: Deno.args[0]! }).now();
} catch (error) {
  console.log((error as Error).name, (error as Error).message);
}
`;
  const { code, output, errors } = await world.run(script, [], "chronotick_test_nothing");
  assertEquals(code, 0, errors);
  const [imported, used] = output.trimEnd().split("\n");
  assertEquals(imported, "1970-01-01T00:00:00.000000007Z");
  assertStringIncludes(used!, "NotCapable Requires ffi access");
  assertStringIncludes(used!, "--allow-ffi");
});

const COUNT = `
import { EtcdAuthority } from "CHECKOUT/ticks/mod.ts";
await using authority = await EtcdAuthority.open(Deno.args[0]!, { create: true });
console.log(await authority.next(), await authority.next(5), await authority.current());
`;

Deno.test({
  name: "ticks/mod.ts imported from a URL counts in a cluster with --allow-net alone",
  ignore: !available("etcd"),
  fn: async () => {
    await using world = new ElsewhereWorld();
    await using cluster = await EtcdCluster.start({ members: 1 });
    const { code, output, errors } = await world.run(
      COUNT,
      [`--allow-net=${cluster.hosts.join()}`],
      cluster.address("elsewhere"),
    );
    assertEquals([code, output], [0, "1n 2n 6n\n"], errors);
  },
});
