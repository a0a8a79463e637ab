/**
 * Cloudflare's API v4 on loopback: zones, DNS records, token verification; with its rules and refusals, so that the
 * Pulumi plugin, the official SDK and certbot's plugin work against it as they are.
 */
import { randomBytes } from "node:crypto";
import type { FastifyError, FastifyInstance } from "fastify";
import type { ZoneSource } from "../../dns/zone.ts";
import { type CallLog, createApi } from "../api.ts";
import type { Intercept } from "../interceptors.ts";
import { ApiError, invalid } from "./errors.ts";
import type { CloudflareRecord, Plan } from "./model.ts";
import { RateLimit, type RateLimitOptions } from "./rateLimit.ts";
import { addRoutes } from "./routes.ts";
import { Store } from "./store.ts";
import { Token, type TokenScope } from "./tokens.ts";
import { success } from "./views.ts";

export type { TokenScope };

export interface CloudflareOptions {
  log: CallLog;
  /** Names of the zones. */
  zones: readonly string[];
  /** Decides the quotas: a comment of 100 characters, 200 records and no tags when free. @default "free" */
  plan?: Plan;
  /** The names of the zones' servers. @default a pair as Cloudflare assigns it, below `.test` */
  nameServers?: readonly string[];
  /** Further tokens by their value: 40 or more letters, digits, `-` and `_`. */
  tokens?: Readonly<Record<string, TokenScope>>;
  /** @default off */
  rateLimit?: RateLimitOptions;
}

export interface Cloudflare {
  /** http://127.0.0.1:PORT/client/v4 */
  url: string;
  /** May edit the records of every zone. */
  token: string;
  /** What the official SDK and certbot's plugin read: base URL and token. */
  env(): Record<string, string>;
  /** For the DNS servers. */
  zones: ZoneSource;
  zoneId(name: string): string;
  records(zone: string): readonly CloudflareRecord[];
  /** Every record of every zone: what a destroy has to leave empty. */
  inventory(): CloudflareRecord[];
  /** Adds a record without a call; `fields` is the body of the API's request. */
  addRecord(zone: string, fields: RecordInput): CloudflareRecord;
  removeRecord(zone: string, id: string): void;
  /** Makes a token, and gives its value. */
  addToken(scope: TokenScope): string;
  revokeToken(value: string): void;
  intercept: Intercept;
  close(): Promise<void>;
}

export interface RecordInput {
  type: string;
  name: string;
  content: string;
  ttl?: number;
  proxied?: boolean;
  priority?: number;
  comment?: string;
  tags?: string[];
}

const NAME_SERVERS = ["ada.ns.cloudflare.test", "bob.ns.cloudflare.test"];

export async function startCloudflare(options: CloudflareOptions): Promise<Cloudflare> {
  const { plan = "free", nameServers = NAME_SERVERS } = options;
  const store = new Store();
  for (const name of options.zones) store.addZone({ name, plan, nameServers });
  const tokens = new Map<string, Token>();
  const addToken = (scope: TokenScope, value = randomBytes(30).toString("base64url")) => {
    tokens.set(value, new Token(value, scope));
    return value;
  };
  for (const [value, scope] of Object.entries(options.tokens ?? {})) addToken(scope, value);
  const token = addToken({ zones: "edit" });

  const api = createApi({ name: "cloudflare", log: options.log });
  api.app.setErrorHandler((error: FastifyError | ApiError, _request, reply) => {
    const { status, errors, headers } = asApiError(error);
    const body = { ...success(null), success: false, errors };
    return reply.code(status).headers(headers).send(body);
  });
  acceptEmptyJson(api.app);
  addRoutes(api.app, {
    store,
    tokens,
    rateLimit: options.rateLimit && new RateLimit(options.rateLimit),
  });
  const url = `${await api.listen()}/client/v4`;
  return {
    url,
    token,
    env: () => ({
      CLOUDFLARE_BASE_URL: url,
      CLOUDFLARE_API_URL: url,
      CLOUDFLARE_API_TOKEN: token,
    }),
    zones: store,
    zoneId: (name) => store.byName(name).zone.id,
    records: (zone) => store.byName(zone).all,
    inventory: () => store.all().flatMap(({ all }) => all),
    addRecord(zone, fields) {
      const { records, record } = store.byName(zone).create(fields);
      store.commit(records);
      return record;
    },
    removeRecord: (zone, id) => store.commit(store.byName(zone).delete(id)),
    addToken,
    revokeToken: (value) => void tokens.delete(value),
    intercept: api.intercept,
    close: api.close,
  };
}

/** Cloudflare's older Python client sends DELETE as JSON, without a body, which fastify refuses by default. */
function acceptEmptyJson(app: FastifyInstance): void {
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, body === "" ? undefined : JSON.parse(String(body)));
    } catch {
      done(invalid(6007, "Malformed JSON in request body"));
    }
  });
}

/** Fastify's own refusals, such as a body that is no JSON, in Cloudflare's words. */
function asApiError(error: FastifyError | ApiError): ApiError {
  if (error instanceof ApiError) return error;
  const status = error.statusCode ?? 500;
  if (status >= 500) return new ApiError(500, [{ code: 10500, message: error.message }]);
  return invalid(6007, "Malformed JSON in request body");
}
