/**
 * From a request's head to its answer: policy, route, query. Pure but for what the routes ask.
 *
 * @module
 */
import type { z } from "zod";
import { pageFile } from "./page_files.ts";
import { refusalReply, type Reply, type StreamReply } from "./reply.ts";
import { refusalOf, type RequestHead, type RequestPolicy } from "./request_policy.ts";
import { type Route, ROUTES } from "./routes.ts";
import type { WatchedService } from "./watched_service.ts";

/** A request as it came, its target not yet parsed. */
export interface RawRequest extends RequestHead {
  /** `/v1/history?seconds=60` */
  readonly target: string;
}

/** The answer to `request`. */
export function answer(
  request: RawRequest,
  policy: RequestPolicy,
  service: WatchedService,
): Reply | StreamReply {
  const url = parseTarget(request.target);
  if (url === null) {
    return refusalReply({ status: 400, code: "bad_target", message: "The request's target is no path." });
  }
  // The page itself holds no secret: whoever opens it is asked for the token there.
  const page = pageFile(url.pathname);
  const refusal = refusalOf(request, policy, page !== null);
  if (refusal !== null) return refusalReply(refusal);
  if (page !== null) return page;
  const route = ROUTES[url.pathname];
  if (route === undefined || !Object.hasOwn(ROUTES, url.pathname)) return notFound();
  const query = parseQuery(route, url.searchParams);
  return "fault" in query
    ? refusalReply({ status: 400, code: "bad_query", message: query.fault })
    : route.answer(service, query.values);
}

/** The path that `request` asks for, if there is one of that name. */
export function knownPath({ target }: Pick<RawRequest, "target">): string | null {
  const path = parseTarget(target)?.pathname ?? "";
  return pageFile(path) !== null || Object.hasOwn(ROUTES, path) ? path : null;
}

/** Only paths of our own: no other host, no fragment. */
function parseTarget(target: string): URL | null {
  if (!target.startsWith("/") || target.startsWith("//")) return null;
  return URL.parse(target, "http://localhost");
}

function notFound(): Reply {
  const message = `There is no such path. There are / and ${Object.keys(ROUTES).join(", ")}.`;
  return refusalReply({ status: 404, code: "not_found", message });
}

type Query = { readonly values: Readonly<Record<string, unknown>> } | { readonly fault: string };

function parseQuery({ query }: Route, given: URLSearchParams): Query {
  const names = Object.keys(query?.shape ?? {});
  const unknown = [...given.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const known = names.length === 0 ? "takes no parameters" : `takes ${names.join(", ")}`;
    return { fault: `${JSON.stringify(unknown)} is not known: this path ${known}.` };
  }
  if (query === undefined) return { values: {} };
  const result = query.safeParse(Object.fromEntries(given));
  return result.success ? { values: result.data } : { fault: faultOf(result.error.issues) };
}

function faultOf(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map(({ path, message }) => `${path.join(".")} must be ${message}.`).join(" ");
}
