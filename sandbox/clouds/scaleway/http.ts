/** What all of Scaleway's APIs do alike: the API key, errors, JSON. */
import { Lbv1 } from "@scaleway/sdk-lb";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ApiError, constraint, deniedAuthentication, permissionsDenied } from "./errors.ts";
import { accessBy } from "./permissionSets.ts";
import { Query } from "./query.ts";
import { PRODUCTS, type Product, type Store } from "./store.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * What Scaleway publishes and the sandbox has not: refused by name, since a 404 would tell a client that what it looks
 * for is not there.
 */
const UNSUPPORTED =
  /^\/(lb\/v1\/(regions\/|zones\/[^/]+\/(routes|subscribers?|lb\/|lbs\/[^/]+\/(backend-)?stats))|vpc\/v1\/|vpc\/v2\/regions\/[^/]+\/(routes|private-networks\/[^/]+\/subnets|vpc-connectors)|ipam\/v1\/regions\/[^/]+\/ip-sets|ipam\/v1alpha1\/|instance\/|k8s\/|vpc-gw\/|iam\/|cockpit\/)/;

/** The VPC API has permission sets of its own for these. */
const NETWORKS = /^\/vpc\/v2\/regions\/[^/]+\/private-networks(\/|\?|$)/;

export interface Call {
  query: Query;
  body: unknown;
  /** Zone or region, as the path has it. */
  place: string;
  id: string;
}

export type Handler = (call: Call, reply: FastifyReply) => unknown;

export interface Routes {
  get(path: string, handler: Handler): void;
  post(path: string, handler: Handler): void;
  put(path: string, handler: Handler): void;
  patch(path: string, handler: Handler): void;
  /** Answers 204 without a body. */
  delete(path: string, handler: (call: Call) => void): void;
}

/** Routes below `prefix`, whose paths name the zone or region `:place` and the record `:id`. */
export function routesBelow(app: FastifyInstance, prefix: string): Routes {
  const on =
    (method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE") => (path: string, handler: Handler) =>
      app.route({
        method,
        url: `${prefix}${path}`,
        handler: (request, reply) => {
          const { place = "", id = "" } = request.params as Record<string, string>;
          const answer = handler(
            { query: new Query(request.query), body: request.body, place, id },
            reply,
          );
          return answer === undefined ? reply.code(204).send() : reply.send(answer);
        },
      });
  return {
    get: on("GET"),
    post: on("POST"),
    put: on("PUT"),
    patch: on("PATCH"),
    delete: on("DELETE"),
  };
}

const { LOCALITY } = Lbv1.ZonedAPI;
const ZONES: readonly string[] = LOCALITY.type === "zone" ? LOCALITY.zones : [];

/** A mistyped zone is no empty one. The answer to it is not published: any client's error will do. */
function refuseUnknownZone(url: string): void {
  const [, zone] = /^\/lb\/v1\/zones\/([^/?]+)/.exec(url) ?? [];
  if (zone !== undefined && !ZONES.includes(zone))
    throw constraint("zone", `unknown zone ${zone}; load balancers are in ${ZONES.join(", ")}`);
}

function productOf(path: string): Product | undefined {
  const first = path.split("/")[1];
  return PRODUCTS.find((product) => product === first);
}

/** The secret keys: the owner's may do everything, the other one what `settings.permissionSets` allow. */
export interface SecretKeys {
  owner: string;
  limited?: string | undefined;
}

function authorize({ settings }: Store, keys: SecretKeys, request: FastifyRequest): void {
  const token = request.headers["x-auth-token"];
  if (typeof token !== "string" || !UUID.test(token))
    throw deniedAuthentication("invalid_argument");
  if (token !== keys.owner && token !== keys.limited) throw deniedAuthentication("not_found");
  const product = productOf(request.url);
  if (!product) return;
  const action = request.method === "GET" ? "read" : "write";
  const area = product === "vpc" && NETWORKS.test(request.url) ? "private-networks" : product;
  const granted = token === keys.owner ? "full" : accessBy(settings.permissionSets, area);
  for (const access of [settings.access[product] ?? "full", granted])
    if (access === "none" || (access === "read" && action === "write"))
      throw permissionsDenied(product, action);
}

function parseJson(body: string): unknown {
  if (body.trim() === "") return {};
  try {
    return JSON.parse(body);
  } catch {
    throw new ApiError(400, {
      message: "the request body is not JSON",
      type: "invalid_request_error",
    });
  }
}

export function setUpHttp(app: FastifyInstance, store: Store, keys: SecretKeys): void {
  app.removeAllContentTypeParsers();
  // Clients send a DELETE with a content type and no body, which fastify's own parser refuses.
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, parseJson(String(body)));
    } catch (error) {
      done(error as Error);
    }
  });
  app.addHook("onRequest", async (request) => {
    authorize(store, keys, request);
    refuseUnknownZone(request.url);
  });
  app.addHook("onSend", async (_request, reply, payload) => {
    // Without a charset: both the Go and the JavaScript client compare the whole value.
    if (payload) reply.header("content-type", "application/json");
    return payload;
  });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof ApiError) return reply.code(error.status).send(error.body);
    const { statusCode = 500, message } = error as Error & { statusCode?: number };
    return reply.code(statusCode).send({ message, type: "internal_error" });
  });
  app.setNotFoundHandler(({ method, url }, reply) => {
    if (!UNSUPPORTED.test(url))
      return reply.code(404).send({ message: "404 page not found", type: "unknown_route" });
    const message = `the sandbox's Scaleway does not have ${method} ${url.split("?")[0]}`;
    return reply.code(501).send({ message, type: "not_implemented" });
  });
}
