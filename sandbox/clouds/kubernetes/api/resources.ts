/** The verbs on resources. */
import { required } from "../causes.ts";
import type { DeleteOptions } from "../deletion.ts";
import type { Kind } from "../kinds.ts";
import type { Registry, WriteOptions } from "../registry.ts";
import { badRequest, invalid, methodNotAllowed, notFound } from "../status.ts";
import type { JsonObject, KubeObject } from "../types.ts";
import type { Form } from "./accept.ts";
import type { Identity, Tokens } from "./auth.ts";
import { type Body, parseAnyText, parseObject, toObject } from "./body.ts";
import { toStored } from "./events.ts";
import { page, renderList, renderObject } from "./lists.ts";
import { APPLY, patcher } from "./patches.ts";
import type { Location } from "./path.ts";
import type { Query } from "./query.ts";
import { answerReview } from "./reviews.ts";

export interface ResourceRequest {
  location: Location;
  query: Query;
  form: Form;
  identity: Identity;
  /** Name of the client: the User-Agent up to its first slash. */
  client: string;
  body: Body;
}

export interface Answer {
  code: number;
  body: JsonObject;
  warnings?: string[];
}

export class Resources {
  readonly #registry: Registry;
  readonly #tokens: Tokens;

  constructor(registry: Registry, tokens: Tokens) {
    this.#registry = registry;
    this.#tokens = tokens;
  }

  handle(verb: string, request: ResourceRequest): Answer {
    switch (verb) {
      case "get":
        return this.#get(request);
      case "list":
        return this.#list(request);
      case "create":
        return this.#create(request);
      case "update":
        return this.#update(request);
      case "patch":
        return this.#patch(request);
      case "delete":
        return this.#delete(request);
      case "deletecollection":
        return this.#deleteCollection(request);
      default:
        throw methodNotAllowed();
    }
  }

  #get({ location, form, query }: ResourceRequest): Answer {
    const object = this.#registry.get(location);
    return { code: 200, body: renderObject(location.kind, object, form, query) };
  }

  #list({ location, form, query }: ResourceRequest): Answer {
    const found = page(this.#registry, location, query);
    return { code: 200, body: renderList(location.kind, found, form, query) };
  }

  #create(request: ResourceRequest): Answer {
    const { location, body, identity } = request;
    const { kind, namespace } = location;
    const { object, warnings } = decodeObject(request, parseObject(body));
    if (kind.review) return { code: 201, body: answerReview(kind, object, identity, this.#tokens) };
    const asked = object.metadata.namespace;
    if (kind.namespaced && asked && asked !== namespace) {
      throw badRequest(
        "the namespace of the provided object does not match the namespace sent on the request",
      );
    }
    const created = this.#registry.create(kind, namespace, object, writeOptions(request));
    return this.#written(request, 201, created, warnings);
  }

  #update(request: ResourceRequest): Answer {
    const { location, body } = request;
    const { kind, namespace, subresource } = location;
    const { object, warnings } = decodeObject(request, parseObject(body));
    const options = writeOptions(request);
    if (!this.#registry.find(location)) {
      if (!kind.strategy.createOnUpdate || subresource) throw notFound(kind, location.name);
      const created = this.#registry.create(kind, namespace, object, options);
      return this.#written(request, 201, created, warnings);
    }
    const updated = this.#registry.update(location, options, () => object);
    return this.#written(request, 200, updated, warnings);
  }

  #patch(request: ResourceRequest): Answer {
    const { location, body } = request;
    if (body.contentType === APPLY) return this.#apply(request);
    const patch = patcher(location.kind, body);
    let warnings: string[] = [];
    const updated = this.#registry.update(location, writeOptions(request), (current) => {
      const decoded = decodeObject(request, patch(current));
      warnings = decoded.warnings;
      return decoded.object;
    });
    return this.#written(request, 200, updated, warnings);
  }

  #apply(request: ResourceRequest): Answer {
    const { location, query, body } = request;
    const { kind, name, namespace } = location;
    const manager = query.get("fieldManager");
    if (!manager) {
      const cause = required("fieldManager", "is required for apply patch");
      throw invalid("PatchOptions", "meta.k8s.io", "", [cause]);
    }
    const { object, warnings } = decodeObject(request, parseAnyText(body.content) as JsonObject);
    if (object.metadata.managedFields) throw badRequest("metadata.managedFields must be nil");
    object.metadata.name ??= name;
    if (kind.namespaced) object.metadata.namespace ??= namespace;
    const options = { ...writeOptions(request), manager, force: query.flag("force") };
    const applied = this.#registry.apply(location, object, options);
    return this.#written(request, applied.created ? 201 : 200, applied.object, warnings);
  }

  #written(request: ResourceRequest, code: number, object: KubeObject, warnings: string[]): Answer {
    const { location, form, query } = request;
    return { code, body: renderObject(location.kind, object, form, query), warnings };
  }

  #delete(request: ResourceRequest): Answer {
    const { location, form, query } = request;
    const { kind } = location;
    const { object, gone } = this.#registry.delete(location, deleteOptions(request));
    if (!gone || kind.strategy.returnsDeleted) {
      return { code: 200, body: renderObject(kind, object, form, query) };
    }
    return { code: 200, body: successStatus(kind, object) };
  }

  #deleteCollection(request: ResourceRequest): Answer {
    const { location, form, query } = request;
    const { kind } = location;
    const found = page(this.#registry, location, query);
    const options = deleteOptions(request);
    for (const { metadata } of found.objects) {
      const { name, namespace = "" } = metadata;
      this.#registry.delete({ kind, name, namespace }, options);
    }
    return { code: 200, body: renderList(kind, found, form, query) };
  }
}

function decodeObject({ location: { kind }, query }: ResourceRequest, value: JsonObject) {
  const { object, warnings } = toObject(kind, value, query.get("fieldValidation") || "Warn");
  return { object: toStored(kind, object), warnings };
}

function writeOptions({ query, client, location }: ResourceRequest): WriteOptions {
  return {
    manager: query.get("fieldManager") || client,
    dryRun: query.dryRun(),
    subresource: location.subresource,
  };
}

type SentDeleteOptions = Omit<DeleteOptions, "dryRun"> & {
  dryRun?: string[];
  orphanDependents?: boolean;
};

function deleteOptions({ body, query }: ResourceRequest): DeleteOptions {
  const sent = (body.content.length > 0 ? parseObject(body) : {}) as SentDeleteOptions;
  const policy = query.get("propagationPolicy") as DeleteOptions["propagationPolicy"];
  const orphan = sent.orphanDependents ? "Orphan" : undefined;
  return {
    dryRun: query.dryRun() || (sent.dryRun?.includes("All") ?? false),
    gracePeriodSeconds: sent.gracePeriodSeconds ?? query.number("gracePeriodSeconds"),
    propagationPolicy: sent.propagationPolicy ?? policy ?? orphan,
    preconditions: sent.preconditions,
  };
}

function successStatus({ group, resource }: Kind, { metadata }: KubeObject): JsonObject {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: {
      name: metadata.name,
      ...(group && { group }),
      kind: resource,
      ...(metadata.uid && { uid: metadata.uid }),
    },
  };
}
