import { assertEquals, assertGreater } from "@std/assert";
import {
  EventHub,
  type EventSink,
  MAX_HAPPENINGS,
  MAX_UNSENT_BYTES,
  MAX_WATCHERS,
} from "../../../daemon/status/event_hub.ts";

class Client implements EventSink {
  unsentBytes = 0;
  readonly texts: string[] = [];
  readonly closed = Promise.withResolvers<void>();
  readonly full = Promise.withResolvers<void>();
  #isClosed = false;

  write(text: string): void {
    if (this.#isClosed) throw new Error("written to after its end");
    this.texts.push(text);
    if (this.texts.length >= 6) this.full.resolve();
  }

  close(): void {
    this.#isClosed = true;
    this.closed.resolve();
  }

  get events(): string[] {
    return this.texts.map((text) => /^event: (.*)\ndata: .*\n\n$/.exec(text)![1]!);
  }
}

const SOURCE = { moment: () => "1", status: () => "2" };

function happening(message: string) {
  return { utc_seconds: 1, level: "INFO", component: "x", message } as const;
}

Deno.test("EventHub sends a moment at each beat and the whole status once a second", async () => {
  using hub = new EventHub(SOURCE);
  const client = new Client();
  hub.watch(client, 10);
  hub.tell(happening("a"));
  await client.full.promise;
  assertEquals(client.events, ["moment", "status", "happening", "moment", "moment", "moment"]);
});

Deno.test("EventHub tells who comes late what happened before, as far as it remembers", () => {
  using hub = new EventHub(SOURCE);
  for (let i = 0; i < 2 * MAX_HAPPENINGS; i++) hub.tell(happening(`no ${i}`));
  const client = new Client();
  hub.watch(client, 1);
  assertEquals(client.events.slice(0, MAX_HAPPENINGS), Array(MAX_HAPPENINGS).fill("happening"));
  assertEquals(client.texts[0]!.includes(`no ${MAX_HAPPENINGS}`), true);
});

Deno.test("EventHub lets a client go that does not keep up, and goes on with the others", async () => {
  using hub = new EventHub(SOURCE);
  const [slow, quick] = [new Client(), new Client()];
  hub.watch(slow, 10);
  hub.watch(quick, 10);
  slow.unsentBytes = MAX_UNSENT_BYTES + 1;
  await slow.closed.promise;
  const before = quick.texts.length;
  quick.texts.length = 0;
  await quick.full.promise;
  assertGreater(before + quick.texts.length, 2);
});

Deno.test("EventHub has room for so many, and again when one has gone", () => {
  using hub = new EventHub(SOURCE);
  const ends = Array.from({ length: MAX_WATCHERS }, () => hub.watch(new Client(), 1));
  assertEquals(hub.isFull, true);
  ends[3]!();
  assertEquals(hub.isFull, false);
});
