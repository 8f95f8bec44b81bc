import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Logger } from "../../../daemon/log.ts";
import { answer } from "../../../daemon/status/request_handler.ts";
import type { Reply } from "../../../daemon/status/reply.ts";
import type { RequestPolicy } from "../../../daemon/status/request_policy.ts";
import { ROUTES } from "../../../daemon/status/routes.ts";
import { WatchedService } from "../../../daemon/status/watched_service.ts";
import { someStatus } from "./support/served.ts";

const LOOPBACK: RequestPolicy = { hosts: ["localhost", "127.0.0.1", "[::1]"], token: null };
const GUARDED: RequestPolicy = { ...LOOPBACK, token: "s3cret" };

interface Asked {
  readonly target?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly policy?: RequestPolicy;
}

function ask({ target = "/v1/time", method = "GET", headers = {}, policy = LOOPBACK }: Asked): Reply {
  const status = someStatus();
  using log = new Logger();
  using service = new WatchedService({ observe: () => status.observation, status: () => status }, log);
  const given: Record<string, string> = { host: "localhost:8125", ...headers };
  const reply = answer({ target, method, header: (name) => given[name] }, policy, service);
  assert(!("open" in reply));
  return reply;
}

function refusal(asked: Asked): [number, string] {
  const { status, body } = ask(asked);
  return [status, JSON.parse(body).error.code];
}

Deno.test("a browser that was led here by another name, or by another page, is refused", () => {
  for (const host of ["localhost", "localhost:8125", "LOCALHOST:1", "127.0.0.1:8125", "[::1]:8125"]) {
    assertEquals(ask({ headers: { host } }).status, 200, host);
  }
  for (
    const host of ["evil.example", "127.0.0.1.evil.example:8125", "localhost.evil.example", "", "[::2]:8125"]
  ) {
    assertEquals(refusal({ headers: { host } }), [421, "wrong_host"], host);
  }
  assertEquals(ask({ headers: { origin: "http://localhost:8125" } }).status, 200);
  for (const origin of ["http://evil.example", "null", "http://localhost:8126", "https://localhost:8125"]) {
    assertEquals(refusal({ headers: { origin } }), [403, "foreign_origin"], origin);
  }
});

Deno.test("with a token nothing but the page itself is answered without it", () => {
  for (
    const authorization of [
      "",
      "Bearer",
      "Bearer ",
      "Bearer s3cre",
      "Bearer s3crets",
      "Basic s3cret",
      "s3cret",
    ]
  ) {
    for (const target of Object.keys(ROUTES)) {
      assertEquals(refusal({ target, policy: GUARDED, headers: { authorization } }), [401, "token_needed"]);
    }
  }
  const shown = { host: "time.example:8125", authorization: "Bearer s3cret" };
  assertEquals(ask({ policy: GUARDED, headers: shown }).status, 200);
  assertEquals(ask({ policy: GUARDED, target: "/" }).status, 200);
});

Deno.test("what is no question is refused by what is wrong with it", () => {
  const cases: [Asked, number, string][] = [
    [{ method: "POST" }, 405, "method_not_allowed"],
    [{ method: "DELETE" }, 405, "method_not_allowed"],
    [{ headers: { "content-length": "10000000" } }, 413, "body_not_allowed"],
    [{ headers: { "transfer-encoding": "chunked" } }, 413, "body_not_allowed"],
    [{ target: "http://evil.example/v1/time" }, 400, "bad_target"],
    [{ target: "//evil.example/v1/time" }, 400, "bad_target"],
    [{ target: "*" }, 400, "bad_target"],
    [{ target: "" }, 400, "bad_target"],
    [{ target: "/v1/time?x=1" }, 400, "bad_query"],
    [{ target: "/v1/history?seconds=0" }, 400, "bad_query"],
    [{ target: "/v1/history?seconds=3601" }, 400, "bad_query"],
    [{ target: "/v1/history?seconds=1e3" }, 400, "bad_query"],
    [{ target: "/v1/history?seconds=" }, 400, "bad_query"],
    [{ target: "/v1/events?hz=11" }, 400, "bad_query"],
    [{ target: "/v1" }, 404, "not_found"],
    [{ target: "/v1/time/" }, 404, "not_found"],
    [{ target: "/__proto__" }, 404, "not_found"],
    [{ target: "/constructor" }, 404, "not_found"],
    [{ target: "/page/../../etc/passwd" }, 404, "not_found"],
    [{ target: "/page/%2e%2e/main.ts" }, 404, "not_found"],
  ];
  for (const [asked, status, code] of cases) {
    assertEquals(refusal(asked), [status, code], JSON.stringify(asked));
  }
  assertStringIncludes(ask({ target: "/nowhere" }).body, "There are / and /v1/time, ");
  assertStringIncludes(ask({ target: "/v1/history?secs=1" }).body, "takes seconds.");
});

Deno.test("HEAD is answered as GET is", () => {
  assertEquals(ask({ method: "HEAD" }).status, 200);
});

Deno.test("every file of the page forbids what is not the daemon's own", () => {
  for (const path of ["/", "/page/main.js", "/page/page.css", "/page/uplot.js"]) {
    const { headers, status } = ask({ target: path });
    assertEquals(status, 200);
    const policy = headers!["content-security-policy"]!;
    assertStringIncludes(policy, "default-src 'none'");
    assertEquals(/https?:|unsafe/.test(policy), false);
  }
});
