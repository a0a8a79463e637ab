/** The HTTPS side of the API server: authentication, routes, errors as Status objects. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { negotiate } from "./api/accept.ts";
import { authenticate, authorize, type Identity, type Tokens } from "./api/auth.ts";
import {
  aggregatedDiscovery,
  apiGroup,
  apiGroups,
  apiResources,
  apiVersions,
  VERSION,
} from "./api/discovery.ts";
import { watchRequest } from "./api/lists.ts";
import { type Location, locate } from "./api/path.ts";
import { Query } from "./api/query.ts";
import { Resources } from "./api/resources.ts";
import { watch } from "./api/watch.ts";
import { encodeGnostic, GNOSTIC, openApiV2 } from "./openapi/v2.ts";
import { openApiV3, openApiV3Index } from "./openapi/v3.ts";
import type { Registry } from "./registry.ts";
import { ApiError, methodNotAllowed, pathNotFound, qualified } from "./status.ts";
import type { JsonObject } from "./types.ts";

/** Open to everyone, as system:public-info-viewer makes them. */
const PUBLIC = new Set(["/healthz", "/livez", "/readyz", "/version", "/version/"]);

export interface ServerOptions {
  registry: Registry;
  tokens: Tokens;
  /** Ends the watches. */
  signal: AbortSignal;
}

export function registerRoutes(app: FastifyInstance, options: ServerOptions): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, _request, reply) => sendError(reply, error));
  app.setNotFoundHandler((_request, reply) => sendError(reply, pathNotFound()));
  app.decorateRequest("identity", undefined);
  app.addHook("onRequest", async (request) => {
    if (PUBLIC.has(pathOf(request)) || /^\/(healthz|livez|readyz)\//.test(request.url)) return;
    identities.set(request, authenticate(options.tokens, request.headers.authorization));
  });
  registerInformation(app);
  registerDiscovery(app);
  registerResources(app, options);
}

const identities = new WeakMap<FastifyRequest, Identity>();

function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? "";
}

function sendError(reply: FastifyReply, error: unknown): void {
  const known =
    error instanceof ApiError
      ? error
      : new ApiError(500, "InternalError", `Internal error occurred: ${(error as Error).message}`);
  reply.code(known.code).type("application/json").send(known.body());
}

function registerInformation(app: FastifyInstance): void {
  app.get("/version", (_request, reply) => reply.send(VERSION));
  app.get("/version/", (_request, reply) => reply.send(VERSION));
  for (const path of ["/healthz", "/livez", "/readyz"]) {
    app.get(path, (_request, reply) => reply.type("text/plain").send("ok"));
    app.get(`${path}/*`, (_request, reply) => reply.type("text/plain").send("ok"));
  }
  app.get("/openapi/v2", (request, reply) => {
    const document = openApiV2();
    if (!request.headers.accept?.includes(GNOSTIC)) return reply.send(document);
    return reply.type(GNOSTIC).send(encodeGnostic(document));
  });
  app.get("/openapi/v3", (_request, reply) => reply.send(openApiV3Index()));
  app.get("/openapi/v3/*", (request, reply) => {
    return found(reply, openApiV3(pathOf(request).slice("/openapi/v3/".length)));
  });
}

function found(reply: FastifyReply, body: JsonObject | undefined): FastifyReply {
  if (!body) throw pathNotFound();
  return reply.send(body);
}

function registerDiscovery(app: FastifyInstance): void {
  for (const [path, legacy] of [
    ["/api", true],
    ["/apis", false],
  ] as const) {
    app.get(path, (request, reply) => {
      const form = negotiate(request.headers.accept, ["discovery"]);
      if (form !== "discovery") {
        return reply.send(legacy ? apiVersions(request.headers.host ?? "") : apiGroups());
      }
      const type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
      return reply.type(type).send(aggregatedDiscovery(legacy));
    });
  }
  app.get<{ Params: { version: string } }>("/api/:version", (request, reply) => {
    return found(reply, apiResources("", request.params.version));
  });
  app.get<{ Params: { group: string } }>("/apis/:group", (request, reply) => {
    return found(reply, apiGroup(request.params.group));
  });
  app.get<{ Params: { group: string; version: string } }>(
    "/apis/:group/:version",
    (request, reply) => found(reply, apiResources(request.params.group, request.params.version)),
  );
}

function registerResources(
  app: FastifyInstance,
  { registry, tokens, signal }: ServerOptions,
): void {
  const resources = new Resources(registry, tokens);
  const handler = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const location = locate(pathOf(request));
    const identity = identities.get(request);
    if (!location || !identity) throw pathNotFound();
    const query = new Query(request.url.split("?")[1] ?? "");
    const verb = verbOf(request.method, location, query);
    authorizeRequest(identity, location, verb);
    const form = negotiate(request.headers.accept, ["table", "metadata"]);
    if (verb === "watch") {
      const asked = watchRequest(location, query, form);
      reply.hijack();
      watch(registry.store, asked, reply.raw, signal);
      return reply;
    }
    const body = {
      contentType: (request.headers["content-type"] ?? "").split(";")[0]?.trim() ?? "",
      content: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    };
    const client = (request.headers["user-agent"] ?? "unknown").split("/")[0] ?? "unknown";
    const answer = resources.handle(verb, { location, query, form, identity, client, body });
    for (const warning of answer.warnings ?? []) {
      reply.header("warning", `299 - ${JSON.stringify(warning)}`);
    }
    return reply.code(answer.code).send(answer.body);
  };
  app.all("/api/*", handler);
  app.all("/apis/*", handler);
}

const ITEM_VERBS: Record<string, string> = {
  GET: "get",
  HEAD: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};
const COLLECTION_VERBS: Record<string, string> = {
  GET: "list",
  POST: "create",
  DELETE: "deletecollection",
};

/** @throws ApiError 405 */
function verbOf(method: string, { kind, name }: Location, query: Query): string {
  if (method === "GET" && query.flag("watch")) return "watch";
  const verb = (name ? ITEM_VERBS : COLLECTION_VERBS)[method];
  if (!verb || (kind.review && verb !== "create")) throw methodNotAllowed();
  return verb;
}

function authorizeRequest(identity: Identity, location: Location, verb: string): void {
  const { kind, name, subresource } = location;
  const isNamespace = qualified(kind) === "namespaces";
  const namespace = isNamespace ? name : location.namespace;
  const { group, resource } = kind;
  // Everyone may ask what they may do themselves.
  if (kind.kind.startsWith("Self")) return;
  authorize(identity, { group, resource, verb, namespace, subresource }, name);
}
