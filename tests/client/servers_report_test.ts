import { assertEquals } from "@std/assert";
import { setColorEnabled } from "@std/fmt/colors";
import type { ServerStatus } from "../../client/daemon_status.ts";
import { serversReport, serversSummary } from "../../client/servers_report.ts";

const SELECTED: ServerStatus = {
  name: "a.example",
  address: "192.0.2.1:123",
  is_selected: true,
  reason: "selected",
  reach: 0b1111_1101,
  offset_seconds: -0.0012,
  half_width_seconds: 0.02,
  delay_seconds: 0.03,
};
const SILENT: ServerStatus = {
  name: "192.0.2.22:123",
  address: "192.0.2.22:123",
  is_selected: false,
  reason: "has not answered",
  reach: 0,
  offset_seconds: null,
  half_width_seconds: null,
  delay_seconds: null,
};
const STATUS = {
  why: "The bound is ± 20 ms.",
  servers: [SELECTED, SILENT],
  unresolved: [{ name: "b.example", reason: "no such name" }],
};

setColorEnabled(false);

Deno.test("serversReport() shows the sentence, then each server in aligned columns", () => {
  assertEquals(
    serversReport({ status: STATUS }),
    `
The bound is ± 20 ms.
*  a.example (192.0.2.1:123)  -1.200 ms  ± 20.000 ms  round trip 30.000 ms  ●●●●●●○●  selected
   192.0.2.22:123                                                           ○○○○○○○○  has not answered
   b.example  no such name
`,
  );
  assertEquals(serversSummary({ status: STATUS }), "1 of 2 servers");
});

Deno.test("serversReport() says why nothing is known of the servers", () => {
  assertEquals(serversReport({ fault: "nobody listens" }), "servers  not told: nobody listens\n");
  assertEquals(serversSummary({ fault: "nobody listens" }), "");
});
