/**
 * Objects as plain JSON over the official client's transport and credentials. Its typed API drops what it does not
 * know, and asks for the kinds first; the plugin's dynamic client does neither.
 */
import {
  createConfiguration,
  HttpMethod,
  type KubeConfig,
  RequestContext,
  Watch,
} from "@kubernetes/client-node";
import type { Props } from "../../engine/provider.ts";
import { isObject, text } from "../values.ts";
import { apiPath, describe, type Reference } from "./kinds.ts";

/** ms; no call of the plugin's is longer, but for watches. */
const CALL_TIMEOUT = 60_000;

export class KubernetesRefusal extends Error {
  readonly code: number;
  readonly reason: string;
  constructor(what: string, code: number, reason: string, message: string) {
    super(`kubernetes: ${what}: ${code} ${reason}: ${message}`);
    this.name = "KubernetesRefusal";
    this.code = code;
    this.reason = reason;
  }
}

export interface WriteOptions {
  fieldManager: string;
  dryRun?: boolean;
  force?: boolean;
}

export class KubernetesClient {
  /** Where objects go that name no namespace. */
  readonly namespace: string;
  readonly #config: KubeConfig;
  readonly #transport = createConfiguration().httpApi;
  #dispatcher: ReturnType<RequestContext["getDispatcher"]>;

  constructor(config: KubeConfig, namespace?: string) {
    this.#config = config;
    const context = config.getContextObject(config.getCurrentContext());
    this.namespace = namespace || context?.namespace || "default";
  }

  async get(reference: Reference): Promise<Props | undefined> {
    try {
      return await this.#call(HttpMethod.GET, apiPath(reference), `read ${describe(reference)}`);
    } catch (error) {
      if (error instanceof KubernetesRefusal && error.code === 404) return undefined;
      throw error;
    }
  }

  create(reference: Reference, object: Props, options: WriteOptions): Promise<Props> {
    const { name: _, ...collection } = reference;
    const what = `create ${describe(reference)}`;
    const body = JSON.stringify(object);
    return this.#call(HttpMethod.POST, apiPath(collection), what, {
      body,
      type: "application/json",
      query: query(options),
    });
  }

  /** Server-side apply. */
  apply(reference: Reference, object: Props, options: WriteOptions): Promise<Props> {
    return this.#call(HttpMethod.PATCH, apiPath(reference), `apply ${describe(reference)}`, {
      body: JSON.stringify(object),
      type: "application/apply-patch+yaml",
      query: query(options),
    });
  }

  patch(reference: Reference, operations: Props[]): Promise<Props> {
    return this.#call(HttpMethod.PATCH, apiPath(reference), `patch ${describe(reference)}`, {
      body: JSON.stringify(operations),
      type: "application/json-patch+json",
    });
  }

  /** Asks for the deletion; finalizers may hold the object back. `false` when it was gone already. */
  async delete(reference: Reference, propagationPolicy: string): Promise<boolean> {
    try {
      await this.#call(HttpMethod.DELETE, apiPath(reference), `delete ${describe(reference)}`, {
        body: JSON.stringify({ kind: "DeleteOptions", apiVersion: "v1", propagationPolicy }),
        type: "application/json",
      });
      return true;
    } catch (error) {
      if (error instanceof KubernetesRefusal && error.code === 404) return false;
      throw error;
    }
  }

  /**
   * Calls `onEvent` once the object is watched (what happened before is not told) and then at each change, until
   * `signal`, or until the stream ends, after 30 s without an event, say.
   */
  async watch(
    { name, ...collection }: Reference,
    onEvent: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    const ended = Promise.withResolvers<void>();
    const stream = await new Watch(this.#config).watch(
      apiPath(collection),
      { fieldSelector: `metadata.name=${name}` },
      onEvent,
      () => ended.resolve(),
    );
    onEvent();
    const stop = () => stream.abort();
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    await ended.promise;
    signal.removeEventListener("abort", stop);
  }

  async close(): Promise<void> {
    await this.#dispatcher?.close();
  }

  async #call(
    method: HttpMethod,
    path: string,
    what: string,
    {
      body,
      type,
      query = {},
    }: { body?: string; type?: string; query?: Record<string, string> } = {},
  ): Promise<Props> {
    const request = new RequestContext(`${this.#server()}${path}`, method);
    request.setHeaderParam("Accept", "application/json");
    request.setHeaderParam("User-Agent", "private-lb-sandbox/plugin");
    for (const [key, value] of Object.entries(query)) request.setQueryParam(key, value);
    if (body !== undefined) request.setBody(body);
    if (type !== undefined) request.setHeaderParam("Content-Type", type);
    request.setSignal(AbortSignal.timeout(CALL_TIMEOUT));
    await this.#authenticate(request);
    let answer: { status: number; text: string };
    try {
      const response = await this.#transport.send(request).toPromise();
      answer = { status: response.httpStatusCode, text: await response.body.text() };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`kubernetes: ${what}: ${message}`, { cause: error });
    }
    return accepted(what, answer.status, answer.text);
  }

  /** The client makes a new set of connections for every call; the first one's serve them all. */
  async #authenticate(request: RequestContext): Promise<void> {
    await this.#config.applySecurityAuthentication(request);
    this.#dispatcher ??= request.getDispatcher();
    if (this.#dispatcher) request.setDispatcher(this.#dispatcher);
  }

  #server(): string {
    const cluster = this.#config.getCurrentCluster();
    if (!cluster) throw new Error("kubernetes: the context's cluster is not in the kubeconfig");
    return cluster.server.replace(/\/$/, "");
  }
}

function accepted(what: string, status: number, answer: string): Props {
  let body: unknown;
  try {
    body = JSON.parse(answer);
  } catch {
    body = undefined;
  }
  if (status < 200 || status > 299) {
    const { reason, message } = isObject(body) ? body : {};
    throw new KubernetesRefusal(what, status, text(reason), text(message) || answer.slice(0, 200));
  }
  if (!isObject(body)) throw new Error(`kubernetes: ${what}: ${status} without a JSON object`);
  return body;
}

function query({ fieldManager, dryRun, force }: WriteOptions): Record<string, string> {
  return {
    fieldManager,
    ...(dryRun && { dryRun: "All" }),
    ...(force !== undefined && { force: String(force) }),
  };
}
