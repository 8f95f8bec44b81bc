import { assertEquals } from "@std/assert";
import { Hangups } from "../../daemon/hangups.ts";

Deno.test({
  name:
    "Hangups catches up on a SIGHUP that came before anybody could heed it, and heeds those that come after",
  // A listener for the life of the process is what it is for.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const alive = setInterval(() => {}, 1000); // waiting for a signal does not keep a process alive
    const hangups = new Hangups();
    let heard: () => void = () => {};
    const next = () => new Promise<void>((resolve) => heard = resolve);
    Deno.addSignalListener("SIGHUP", () => heard());
    const first = next();
    Deno.kill(Deno.pid, "SIGHUP");
    await first;
    let heeded = 0;
    hangups.follow(() => heeded++);
    assertEquals(heeded, 1);
    const second = next();
    Deno.kill(Deno.pid, "SIGHUP");
    await second;
    assertEquals(heeded, 2);
    clearInterval(alive);
  },
});
