/** Errors as the API server answers them: `Status` objects of meta/v1. */
import type { JsonObject } from "./types.ts";

export interface Cause {
  reason: string;
  message: string;
  field?: string;
}

/** The type of an object in an error: `services`, or `ingresses.networking.k8s.io`. */
export interface ResourceName {
  group: string;
  /** Plural. */
  resource: string;
}

export function qualified({ group, resource }: ResourceName): string {
  return group ? `${resource}.${group}` : resource;
}

export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: JsonObject | undefined;

  constructor(code: number, reason: string, message: string, details?: JsonObject) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  body(): JsonObject {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      ...(this.reason && { reason: this.reason }),
      ...(this.details && { details: this.details }),
      code: this.code,
    };
  }
}

function details(type: ResourceName, name: string, causes?: Cause[]): JsonObject {
  return {
    ...(name && { name }),
    ...(type.group && { group: type.group }),
    kind: type.resource,
    ...(causes && { causes: causes.map((cause) => ({ ...cause })) }),
  };
}

export function notFound(type: ResourceName, name: string): ApiError {
  return new ApiError(
    404,
    "NotFound",
    `${qualified(type)} "${name}" not found`,
    details(type, name),
  );
}

export function pathNotFound(): ApiError {
  return new ApiError(404, "NotFound", "the server could not find the requested resource", {});
}

export function alreadyExists(type: ResourceName, name: string): ApiError {
  const message = `${qualified(type)} "${name}" already exists`;
  return new ApiError(409, "AlreadyExists", message, details(type, name));
}

export function conflict(type: ResourceName, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(type)} "${name}": ${why}`;
  return new ApiError(409, "Conflict", message, details(type, name));
}

export const MODIFIED =
  "the object has been modified; please apply your changes to the latest version and try again";

export function forbidden(type: ResourceName, name: string, why: string, causes?: Cause[]) {
  const subject = name ? `${qualified(type)} "${name}"` : qualified(type);
  const message = `${subject} is forbidden: ${why}`;
  return new ApiError(403, "Forbidden", message, details(type, name, causes));
}

/** `kind` is the object's kind, as in `Service "web" is invalid: …`. */
export function invalid(kind: string, group: string, name: string, causes: Cause[]): ApiError {
  const faults = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const list = faults.length === 1 ? faults[0] : `[${faults.join(", ")}]`;
  const type = group ? `${kind}.${group}` : kind;
  return new ApiError(422, "Invalid", `${type} "${name}" is invalid: ${list}`, {
    ...(name && { name }),
    ...(group && { group }),
    kind,
    causes: causes.map((cause) => ({ ...cause })),
  });
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, "BadRequest", message);
}

export function unsupportedMediaType(message: string): ApiError {
  return new ApiError(415, "UnsupportedMediaType", message);
}

export function notAcceptable(types: string[]): ApiError {
  const message = `only the following media types are accepted: ${types.join(", ")}`;
  return new ApiError(406, "NotAcceptable", message);
}

export function unauthorized(): ApiError {
  return new ApiError(401, "Unauthorized", "Unauthorized");
}

export function methodNotAllowed(): ApiError {
  const message = "the server does not allow this method on the requested resource";
  return new ApiError(405, "MethodNotAllowed", message, {});
}

/** A version that the server has not come to. */
export function tooLargeVersion(asked: number, current: number): ApiError {
  const message = `Timeout: Too large resource version: ${asked}, current: ${current}`;
  const causes = [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }];
  return new ApiError(504, "Timeout", message, { causes, retryAfterSeconds: 1 });
}

export function expired(message: string): ApiError {
  return new ApiError(410, "Expired", message);
}
