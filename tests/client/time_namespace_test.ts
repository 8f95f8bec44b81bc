import { assert, assertEquals, assertGreater } from "@std/assert";
import { ChronoTickClient } from "../../client/client.ts";
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { toNs } from "../../record/unix_time.ts";
import { findProgram } from "../support/available.ts";
import { PublishedRecord } from "../support/published_record.ts";

const SHIFT_SECONDS = 100_000;
const READ_CHILD = new URL("./read_child.ts", import.meta.url).pathname;

/** A command in a time namespace whose CLOCK_BOOTTIME is ahead of this one's. */
function shifted(...command: string[]): Deno.Command {
  return new Deno.Command(findProgram("unshare") ?? "unshare", {
    args: ["--time", "--boottime", String(SHIFT_SECONDS), ...command],
    stderr: "null",
  });
}

/** It takes root and a kernel with time namespaces, which containers often are denied. */
function canShiftBoottime(): boolean {
  return findProgram("unshare") !== null && Deno.uid() === 0 && shifted("true").outputSync().success;
}

Deno.test({
  name: "a client in a time namespace tells the same time as one outside",
  ignore: !canShiftBoottime(),
  async fn() {
    using record = new PublishedRecord();
    const timer = setInterval(() => record.publish(), 50);
    using client = new ChronoTickClient({ shmName: record.name });
    const before = { time: toNs(client.getTime().time), interval: client.now() };
    const { stdout } = await shifted(Deno.execPath(), "run", "--allow-ffi", READ_CHILD, record.name).output();
    clearInterval(timer);
    const after = { time: toNs(client.getTime().time), interval: client.now() };

    const answer = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals(answer.error, undefined);
    const shiftNs = BigInt(answer.boottimeNs) - nowNs(Clock.BOOTTIME);
    assertGreater(shiftNs, BigInt(SHIFT_SECONDS - 60) * 1_000_000_000n);
    const timeNs = BigInt(answer.timeNs);
    assert(before.time < timeNs && timeNs < after.time);
    assert(toNs(before.interval.earliest) < BigInt(answer.earliestNs));
    assert(BigInt(answer.latestNs) < toNs(after.interval.latest));
  },
});
