import { assertEquals, assertGreater, assertLess } from "@std/assert";
import type { SocketAddress } from "../../ffi/socket_address.ts";
import type { SimulatedClock } from "../../sim/clock.ts";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import { SimulatedNtpServer } from "../../sim/ntp_server.ts";
import { symmetricPath } from "../../sim/path.ts";
import { clockFromNow } from "../../sim/truth.ts";
import { UdpRelay } from "../../sim/udp_relay.ts";
import { Chronyd } from "../daemon/sources/support/chronyd.ts";
import { available } from "../support/available.ts";
import { FREQUENCY, OFFSET_SECONDS, pause, quickConfig, readyClient } from "./support/daemon_world.ts";
import { PythonReader, type PythonVerdict } from "./support/python_reader.ts";
import { together } from "./support/together.ts";

const SETTLE_MS = 2500;
const READ_SECONDS = 4;
/** Python manages more, but not on a busy machine. */
const MIN_READS = 200;

/** What Python sees of a daemon with one server, settled. */
async function verdictOn(port: number, truth: SimulatedClock | null): Promise<PythonVerdict> {
  const servers: SocketAddress[] = [{ hostname: "127.0.0.1", port }];
  await using daemon = await DaemonProcess.start({ config: quickConfig({ servers }) });
  using _client = await readyClient(daemon);
  await pause(SETTLE_MS);
  await using reader = await PythonReader.start(daemon.shmName, truth, READ_SECONDS);
  return await reader.verdict();
}

function assertHolds(verdict: PythonVerdict): void {
  assertGreater(verdict.reads, MIN_READS);
  assertEquals([verdict.outside, verdict.torn, verdict.refused], [0, 0, 0]);
}

const scenarios = {
  async "a real chronyd tells the system's time, to within 0.4 ms"() {
    await using chronyd = await Chronyd.start();
    const verdict = await verdictOn(chronyd.port, null);
    assertHolds(verdict);
    assertLess(verdict.meanErrorSeconds, 0.4e-3);
  },

  async "a real chronyd whose time is 25 ms and 20 ppm off is followed"() {
    using upstream = await SimulatedNtpServer.start({
      clock: clockFromNow(OFFSET_SECONDS, FREQUENCY),
      path: symmetricPath({ delaySeconds: 0.2e-3 }),
      seed: 1,
    });
    await using chronyd = await Chronyd.start(upstream.address);
    const verdict = await verdictOn(chronyd.port, upstream.clock);
    assertHolds(verdict);
    assertLess(verdict.meanErrorSeconds, 0.5e-3);
  },

  async "behind a network that loses, delays and favours one direction, the bound of a real chronyd holds"() {
    await using chronyd = await Chronyd.start();
    const jitter = { kind: "exponential", meanSeconds: 1e-3 } as const;
    using relay = await UdpRelay.start({
      target: { hostname: "127.0.0.1", port: chronyd.port },
      path: {
        outbound: { delaySeconds: 6e-3, jitter, lossProbability: 0.2, reorderProbability: 0.1 },
        inbound: { delaySeconds: 2e-3, jitter, lossProbability: 0.2, duplicateProbability: 0.1 },
      },
      seed: 7,
    });
    const verdict = await verdictOn(relay.address.port, null);
    assertHolds(verdict);
    // Half the asymmetry of 4 ms cannot be seen, and it is all that is left.
    assertLess(Math.abs(verdict.meanErrorSeconds - 2e-3), 1e-3);
  },
};

Deno.test({
  name: "chronyd as the time server",
  ignore: !available("chronyd") || !available("python3"),
  fn: (t) => together(t, scenarios),
});
