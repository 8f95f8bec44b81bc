import { assertEquals } from "@std/assert";
import { nodeIdentity } from "../../client/node_identity.ts";
import { hostName } from "../../ffi/host_name.ts";

Deno.test("hostName() is what uname says", async () => {
  const { stdout } = await new Deno.Command("uname", { args: ["-n"] }).output();
  assertEquals(hostName(), new TextDecoder().decode(stdout).trim());
});

Deno.test("nodeIdentity() is the host name and the beginning of the boot's id, every time", async () => {
  const bootId = await Deno.readTextFile("/proc/sys/kernel/random/boot_id");
  assertEquals(nodeIdentity(), `${Deno.hostname()}-${bootId.slice(0, 8)}`);
  assertEquals(nodeIdentity(), nodeIdentity());
});
