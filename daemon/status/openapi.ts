/**
 * What the status API can do, as OpenAPI 3.1: made from the routes and their schemas.
 *
 * @module
 */
import { z } from "zod";
import { VERSION } from "../../cli/version.ts";
import type { Route } from "./routes.ts";
import { REFUSAL } from "./schemas.ts";

const SCHEMAS = "#/components/schemas/";

/** The document for `routes`, by path. */
export function openapiDocument(routes: Readonly<Record<string, Route>>): Record<string, unknown> {
  return {
    openapi: "3.1.0",
    info: {
      title: "ChronoTick status API",
      version: VERSION,
      description: "How a ChronoTick daemon does. Read only; every path takes GET and HEAD.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{}, { bearer: [] }],
    paths: Object.fromEntries(
      Object.entries(routes).map(([path, route]) => [path, { get: operation(path, route) }]),
    ),
    components: {
      schemas: namedSchemas(),
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "Over TCP, where status.token_file is set" },
      },
    },
  };
}

function operation(path: string, { summary, query, schema, type, otherStatuses = {} }: Route) {
  const content = {
    [type ?? "application/json"]: { schema: schema === null ? { type: "string" } : reference(schema) },
  };
  const others = Object.entries(otherStatuses).map(([status, description]) => [
    status,
    { description, content },
  ]);
  return {
    operationId: path === "/" ? "page" : path.slice(1).replace(/^v1\//, "").replaceAll(/[/.](\w)/g, "_$1"),
    summary,
    parameters: parametersOf(query),
    responses: {
      200: { description: "As asked", content },
      ...Object.fromEntries(others),
      default: { description: "Refused", content: { "application/json": { schema: reference(REFUSAL) } } },
    },
  };
}

function parametersOf(query: z.ZodObject | undefined) {
  return Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    const { $schema: _dialect, description, ...rest } = z.toJSONSchema(schema as z.ZodType, { io: "input" });
    return { name, in: "query", required: false, description, schema: rest };
  });
}

/** Every schema with an id stands among the components. */
function reference(schema: z.ZodType): { $ref: string } {
  return { $ref: SCHEMAS + schema.meta()!.id };
}

function namedSchemas(): Record<string, unknown> {
  const { schemas } = z.toJSONSchema(z.globalRegistry, { uri: (id) => SCHEMAS + id });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _address, ...schema }]) => [id, schema]),
  );
}
