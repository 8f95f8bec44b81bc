import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import { httpAddress } from "./support/status_client.ts";
import { OFFSET_SECONDS, quickConfig, SimulatedServers } from "./support/daemon_world.ts";

/** What of OTLP's JSON is looked at (opentelemetry-proto 1.x). */
interface Attribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string;
    readonly doubleValue?: number;
  };
}
interface Point {
  readonly asDouble?: number;
  readonly asInt?: string | number;
  readonly attributes?: readonly Attribute[];
}
interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: { readonly dataPoints: readonly Point[] };
  readonly histogram?: { readonly dataPoints: readonly (Point & { readonly count: string })[] };
  readonly sum?: { readonly dataPoints: readonly Point[]; readonly isMonotonic: boolean };
}
interface Span {
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status?: { readonly code?: number };
  readonly attributes: readonly Attribute[];
}

const KIND_CLIENT = 3;
const STATUS_ERROR = 2;

/** A collector on loopback: resolves when it has got what a test waits for. */
class Collector implements AsyncDisposable {
  readonly metrics = new Map<string, Metric>();
  readonly spans: Span[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #changed = Promise.withResolvers<void>();

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#take(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async until(isComplete: () => boolean): Promise<void> {
    while (!isComplete()) await this.#changed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #take(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const document = await request.json();
    if (pathname === "/v1/metrics") {
      for (const { scopeMetrics } of document.resourceMetrics) {
        for (const { scope, metrics } of scopeMetrics) {
          if (scope.name === "chronotick") { for (const one of metrics) this.metrics.set(one.name, one); }
        }
      }
    } else if (pathname === "/v1/traces") {
      for (const { scopeSpans } of document.resourceSpans) {
        for (const { scope, spans } of scopeSpans) if (scope.name === "chronotick") this.spans.push(...spans);
      }
    }
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
    return new Response("{}", { headers: { "content-type": "application/json" } });
  }
}

function attributesOf({ attributes = [] }: Pick<Point, "attributes">): Record<string, string> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]),
  );
}

function valueOf({ asDouble, asInt }: Point): number {
  return asDouble ?? Number(asInt);
}

Deno.test("with OTEL_DENO=true a collector gets metrics and a span for each question", async () => {
  await using collector = new Collector();
  using servers = await SimulatedServers.start([{}, {}, {}]);
  const nobody = { hostname: "127.0.0.1", port: 1 };
  const config = quickConfig({ servers: [...servers.addresses, nobody] });
  await using daemon = await DaemonProcess.start({
    config,
    args: ["--http", "127.0.0.1:0"],
    environment: {
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRIC_EXPORT_INTERVAL: "200",
      OTEL_BSP_SCHEDULE_DELAY: "200",
    },
  });
  for (const path of ["healthz", "healthz", "nowhere"]) {
    await (await fetch(await httpAddress(daemon) + path)).body?.cancel();
  }
  const requests = () => collector.metrics.get("http.server.request.duration")?.histogram?.dataPoints ?? [];
  const gaugeOf = (name: string) => collector.metrics.get(name)?.gauge?.dataPoints ?? [];
  const failed = () => collector.spans.find(({ status }) => status?.code === STATUS_ERROR);
  const answered = () => collector.spans.find(({ status }) => status?.code !== STATUS_ERROR);
  await collector.until(() =>
    gaugeOf("chronotick.clock.valid").some((point) => valueOf(point) === 1) &&
    gaugeOf("chronotick.server.round_trip").length === 3 && requests().length === 2 &&
    failed() !== undefined && answered() !== undefined
  );

  assertAlmostEquals(valueOf(gaugeOf("chronotick.clock.offset")[0]!), OFFSET_SECONDS, 0.005);
  assertEquals(collector.metrics.get("chronotick.clock.offset")!.unit, "s");
  const measurements = collector.metrics.get("chronotick.measurements")!.sum!;
  assert(measurements.isMonotonic);
  assertGreater(valueOf(measurements.dataPoints[0]!), 0);
  const ports = servers.addresses.map(({ port }) => String(port)).sort();
  const told = gaugeOf("chronotick.server.round_trip").map((point) => attributesOf(point)["server.port"])
    .sort();
  assertEquals(told, ports);

  const byRoute = Object.fromEntries(
    requests().map((point) => [attributesOf(point)["http.route"], Number(point.count)]),
  );
  assertEquals(byRoute, { "/healthz": 2, undefined: 1 });

  const span = answered()!;
  assertEquals([span.name, span.kind], ["ntp.exchange", KIND_CLIENT]);
  const { "server.address": address, "network.protocol.name": protocol, "network.transport": transport } =
    attributesOf(span);
  assertEquals([address, protocol, transport], ["127.0.0.1", "ntp", "udp"]);
  const tookMs = Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6;
  assertGreater(tookMs, 1.9); // the path alone takes 1 ms each way
  assertEquals(attributesOf(failed()!)["error.type"], "no_usable_answer");
  assertEquals(attributesOf(failed()!)["server.port"], "1");
});
