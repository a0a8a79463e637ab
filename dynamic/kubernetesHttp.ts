/**
 * The official client's way to a cluster, with bounds on the time and the size of an answer, which it lacks; what comes is
 * held to the client's own models before it reads it: it takes a field of any type for what it declares.
 */
import * as client from "@kubernetes/client-node";
import { bytesOf, json } from "./answer.ts";
import { notOrphaned } from "./interrupt.ts";
import { refusalOf } from "./kubernetes.ts";

/** One request, ms. */
const TIMEOUT = 15_000;
/** Of an answer, bytes: a thousand pods have some tens of millions. */
const LARGEST = 128 * 1024 * 1024;

/** The model of each resource that is asked for. */
const MODELS: Readonly<Record<string, string>> = {
  services: "V1Service",
  nodes: "V1Node",
  pods: "V1Pod",
  events: "CoreV1Event",
  endpointslices: "V1EndpointSlice",
  networkpolicies: "V1NetworkPolicy",
  selfsubjectaccessreviews: "V1SelfSubjectAccessReview",
};

export type ApiConstructor<Api extends client.ApiType> = new (config: client.Configuration) => Api;

/** As `KubeConfig.makeApiClient`; connections are kept. */
export function makeApiClient<Api extends client.ApiType>(
  config: client.KubeConfig,
  type: ApiConstructor<Api>,
): Api {
  const { server = "" } = config.getCurrentCluster() ?? {};
  const configuration = client.createConfiguration({
    baseServer: new client.ServerConfiguration(server, {}),
    authMethods: { default: config },
    promiseMiddleware: [keptConnections(config)],
    httpApi: client.wrapHttpLibrary({ send }),
  });
  return new type(configuration);
}

type Dispatcher = ReturnType<client.RequestContext["getDispatcher"]>;

/** By cluster and credentials. */
const dispatchers = new Map<string, Dispatcher>();

/** The client makes connections of its own for each request; here all take those of the first. */
function keptConnections(config: client.KubeConfig): client.Middleware {
  const key = JSON.stringify([config.getCurrentCluster(), config.getCurrentUser()]);
  return {
    pre: async (request) => {
      const kept = dispatchers.get(key) ?? request.getDispatcher();
      dispatchers.set(key, kept);
      if (kept) request.setDispatcher(kept);
      request.setHeaderParam("User-Agent", "private-lb");
      return request;
    },
    post: async (response) => response,
  };
}

async function send(request: client.RequestContext): Promise<client.ResponseContext> {
  await notOrphaned();
  const signal = AbortSignal.timeout(TIMEOUT);
  request.setSignal(signal);
  const { status, headers, bytes } = await exchange(request).catch((error: unknown) => {
    throw signal.aborted ? new Error(`no answer within ${TIMEOUT} ms`) : error;
  });
  if (status < 200 || status > 299) throw new Refusal(status, bytes.toString());
  hold(bytes.toString(), request, headers["content-type"]);
  const body = new client.SelfDecodingBody(Promise.resolve(bytes));
  return new client.ResponseContext(status, headers, body);
}

/** In the place of the client's own error, whose message is all headers, and whose body is missing for some codes. */
class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: number;
  readonly body: string;

  constructor(code: number, body: string) {
    super(refusalOf({ code, body }).message);
    this.code = code;
    this.body = body;
  }
}

async function exchange(request: client.RequestContext) {
  const sent = new client.IsomorphicFetchHttpLibrary().send(request);
  const { httpStatusCode: status, headers, body } = await sent.toPromise();
  const bytes = await bytesOf({ body: body.stream() }, LARGEST);
  return { status, headers, bytes };
}

/** @throws Error naming the place in an answer that is not as the API documents it */
function hold(text: string, request: client.RequestContext, contentType?: string): void {
  const { pathname } = new URL(request.getUrl());
  const answer = json(text, contentType, pathname);
  const model = modelOf(pathname, request.getHttpMethod());
  const fault = model === undefined ? undefined : mismatch(answer, model, "");
  if (fault) throw new Error(`${pathname} answered otherwise than documented: ${fault}`);
}

/** `/api/v1/…`, `/apis/<group>/<version>/…`, then `namespaces/<namespace>` or not, the resource, and a name or none. */
function modelOf(pathname: string, method: string): string | undefined {
  const PLACE = /\/api(?:\/v1|s\/[^/]+\/[^/]+)(?:\/namespaces\/[^/]+)?\/([a-z]+)(\/[^/]+)?$/;
  const [, resource = "", name] = PLACE.exec(pathname) ?? [];
  const one = MODELS[resource];
  const isOne = name !== undefined || method !== "GET";
  return one === undefined || isOne ? one : `${one}List`;
}

interface Model {
  getAttributeTypeMap(): readonly { baseName: string; type: string }[];
}

const models = client as unknown as Readonly<Record<string, Partial<Model> | undefined>>;

/** What does not fit the client's type, in words. Null is as good as absent, but for the items of a list. */
function mismatch(value: unknown, type: string, at: string): string | undefined {
  const place = at === "" ? "the answer" : at;
  if (value === undefined || value === null)
    return at === "" || at === "items" ? `${place} is missing` : undefined;
  const [, element] = /^Array<(.*)>$/.exec(type) ?? [];
  if (element !== undefined) {
    if (!Array.isArray(value)) return `${place} is no list`;
    return first(value.entries(), ([i, each]) => mismatch(each ?? NONE, element, `${at}[${i}]`));
  }
  const [, entry] = /^\{ \[key: string\]: (.*); \}$/.exec(type) ?? [];
  if (entry !== undefined) {
    if (!isObject(value)) return `${place} is no object`;
    return first(Object.entries(value), ([key, each]) => mismatch(each, entry, `${at}.${key}`));
  }
  if (["string", "number", "boolean"].includes(type))
    return typeof value === type ? undefined : `${place} is no ${type}`;
  if (type === "IntOrString")
    return ["string", "number"].includes(typeof value) ? undefined : `${place} is neither`;
  if (type === "Date" || type.endsWith("MicroTime"))
    return Number.isNaN(Date.parse(String(value))) ? `${place} is no time` : undefined;
  const attributes = models[type]?.getAttributeTypeMap?.();
  if (!attributes) return undefined;
  if (!isObject(value)) return `${place} is no object`;
  return first(attributes, ({ baseName, type: part }) =>
    mismatch(
      Object.hasOwn(value, baseName) ? value[baseName] : undefined,
      part,
      at ? `${at}.${baseName}` : baseName,
    ),
  );
}

/** In a list nothing may be null. */
const NONE = Symbol("none");

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function first<T>(items: Iterable<T>, fault: (item: T) => string | undefined) {
  for (const item of items) {
    const found = fault(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
