/** The endpoints: https://developers.cloudflare.com/api/ */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import * as errors from "./errors.ts";
import { listRecords, listZones, type Query } from "./listing.ts";
import { type CloudflareRecord, isId } from "./model.ts";
import type { RateLimit } from "./rateLimit.ts";
import type { RecordSet } from "./recordSet.ts";
import type { Store } from "./store.ts";
import { authenticate, type Right, type Token } from "./tokens.ts";
import { ACCOUNT, recordView, success, successPage, zoneView } from "./views.ts";

const PREFIX = "/client/v4";

/** What Cloudflare has and the sandbox has not, beside and below zones and their records. */
const UNSUPPORTED = [
  /^\/client\/v4\/(user|accounts|certificates|ips|graphql|memberships)(\/|\?|$)/,
  /^\/client\/v4\/zones\/[0-9a-f]{32}(\?|$|\/(?!dns_records))/,
  /^\/client\/v4\/zones\/[0-9a-f]{32}\/dns_records\/(export|import|scan|usage)/,
];

const unknown = ({ method, url }: FastifyRequest): errors.ApiError =>
  UNSUPPORTED.some((pattern) => pattern.test(url))
    ? errors.notHere(method, url)
    : errors.noRoute(url);

export interface Context {
  store: Store;
  tokens: ReadonlyMap<string, Token>;
  rateLimit: RateLimit | undefined;
}

interface Parameters {
  zone: string;
  record: string;
}

type Request = FastifyRequest<{ Params: Parameters }>;

/** What a request may do, by its token. */
interface Access {
  /** The caller, when its token is known and active. */
  caller(request: FastifyRequest, unknown: () => errors.ApiError): Token;
  /** The records of the zone in the path, when the caller may do this with them. */
  recordsFor(request: Request, right: Right): RecordSet;
}

export function addRoutes(app: FastifyInstance, context: Context): void {
  const access = accessTo(context);
  addAccountRoutes(app, context, access);
  addZoneRoutes(app, context, access);
  addRecordRoutes(app, context, access);
  app.setNotFoundHandler((request) => {
    throw unknown(request);
  });
}

function accessTo({ store, tokens, rateLimit }: Context): Access {
  const caller: Access["caller"] = (request, unknown) => {
    const token = authenticate(tokens, request.headers, unknown);
    rateLimit?.count(token.id);
    if (token.status !== "active") throw unknown();
    return token;
  };

  const recordsFor: Access["recordsFor"] = (request, right) => {
    const token = caller(request, errors.authenticationError);
    const { zone, record } = request.params;
    if (!isId(zone) || (record !== undefined && !isId(record))) throw unknown(request);
    const records = store.byId(zone);
    const granted = records && token.right(records.zone);
    if (!granted || (right === "edit" && granted !== "edit")) throw errors.authenticationError();
    return records;
  };

  return { caller, recordsFor };
}

function addAccountRoutes(app: FastifyInstance, { tokens }: Context, { caller }: Access): void {
  app.get(`${PREFIX}/user/tokens/verify`, (request) => {
    const { id, status } = authenticate(tokens, request.headers, errors.invalidToken);
    const message = `This API Token is valid and ${status}`;
    return success({ id, status }, [{ code: 10000, message, type: null }]);
  });

  app.get(`${PREFIX}/accounts`, (request) => {
    caller(request, errors.invalidAccessToken);
    const info = { page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1 };
    return successPage({ items: [ACCOUNT], info }, (account) => account);
  });
}

function addZoneRoutes(app: FastifyInstance, { store }: Context, { caller }: Access): void {
  app.get(`${PREFIX}/zones`, (request) => {
    const token = caller(request, errors.invalidAccessToken);
    const visible = store.all().flatMap(({ zone }) => (token.visible(zone) ? [zone] : []));
    const page = listZones(visible, request.query as Query, ACCOUNT);
    return successPage(page, (zone) => zoneView(zone, token.right(zone) ?? "read"));
  });

  app.get<{ Params: Parameters }>(`${PREFIX}/zones/:zone`, (request) => {
    const token = caller(request, errors.invalidAccessToken);
    if (!isId(request.params.zone)) throw errors.noRoute(request.url);
    const zone = store.byId(request.params.zone)?.zone;
    const right = zone && token.visible(zone);
    if (!right) throw errors.unauthorized();
    return success(zoneView(zone, right));
  });
}

function addRecordRoutes(app: FastifyInstance, { store }: Context, { recordsFor }: Access): void {
  const change = (changed: { records: RecordSet; record: CloudflareRecord }) => {
    store.commit(changed.records);
    return success(recordView(changed.record));
  };

  const records = `${PREFIX}/zones/:zone/dns_records`;
  app.get<{ Params: Parameters }>(records, (request) => {
    const { all } = recordsFor(request, "read");
    return successPage(listRecords(all, request.query as Query), recordView);
  });
  app.post<{ Params: Parameters }>(records, (request) =>
    change(recordsFor(request, "edit").create(request.body)),
  );
  app.post<{ Params: Parameters }>(`${records}/batch`, (request) => {
    const { records: changed, result } = batch(recordsFor(request, "edit"), request.body);
    store.commit(changed);
    return success(result);
  });
  app.get<{ Params: Parameters }>(`${records}/:record`, (request) =>
    success(recordView(recordsFor(request, "read").get(request.params.record))),
  );
  app.put<{ Params: Parameters }>(`${records}/:record`, (request) =>
    change(recordsFor(request, "edit").overwrite(request.params.record, request.body)),
  );
  app.patch<{ Params: Parameters }>(`${records}/:record`, (request) =>
    change(recordsFor(request, "edit").edit(request.params.record, request.body)),
  );
  app.delete<{ Params: Parameters }>(`${records}/:record`, (request) => {
    const { record: id } = request.params;
    store.commit(recordsFor(request, "edit").delete(id));
    return success({ id });
  });
}

const Identified = z.looseObject({ id: z.string() });
const Batch = z.object({
  deletes: z.array(Identified).default([]),
  patches: z.array(Identified).default([]),
  puts: z.array(Identified).default([]),
  posts: z.array(z.unknown()).default([]),
});

/** All or nothing, in Cloudflare's order: deletes, patches, puts, posts. */
function batch(records: RecordSet, body: unknown) {
  const parsed = Batch.safeParse(body);
  if (!parsed.success) throw errors.invalid(9207, "Request body is invalid.");
  const { deletes, patches, puts, posts } = parsed.data;
  let current = records;
  const keep = (changed: { records: RecordSet; record: CloudflareRecord }) => {
    current = changed.records;
    return recordView(changed.record);
  };
  const deleted = deletes.map(({ id }) => {
    const view = recordView(current.get(id));
    current = current.delete(id);
    return view;
  });
  const result = {
    deletes: deleted,
    patches: patches.map((patch) => keep(current.edit(patch.id, patch))),
    puts: puts.map((put) => keep(current.overwrite(put.id, put))),
    posts: posts.map((post) => keep(current.create(post))),
  };
  return { records: current, result };
}
