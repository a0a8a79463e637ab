/**
 * Scaleway's error bodies. The shapes are the ones that the official clients parse
 * (https://github.com/scaleway/scaleway-sdk-js, packages/client/src/scw/errors).
 */

export class ApiError extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    super(String(body["message"]));
    this.status = status;
    this.body = body;
  }
}

export interface InvalidArgument {
  argument_name: string;
  reason: "required" | "format" | "constraint" | "unknown";
  help_message: string;
}

export function invalidArguments(details: InvalidArgument[]): ApiError {
  return new ApiError(400, {
    details,
    message: "invalid argument(s)",
    type: "invalid_arguments",
  });
}

export function constraint(argument: string, help: string): ApiError {
  return invalidArguments([{ argument_name: argument, reason: "constraint", help_message: help }]);
}

export function notFound(resource: string, id: string): ApiError {
  return new ApiError(404, {
    message: "resource is not found",
    resource,
    resource_id: id,
    type: "not_found",
  });
}

/**
 * The Load Balancer API's own 404. What the vendor's provider recorded in 2026 holds the message alone
 * (`{"message":"lbs not Found"}`); the typed fields of the other APIs are added, so that a client finds
 * either. A client must therefore tell a missing load balancer by the status, not by the type.
 */
export function lbNotFound(kind: string, id: string): ApiError {
  return new ApiError(404, {
    message: `${kind} not Found`,
    resource: kind,
    resource_id: id,
    type: "not_found",
  });
}

export function stillInUse(help: string): ApiError {
  return new ApiError(412, {
    help_message: help,
    message: "precondition is not respected",
    precondition: "resource_still_in_use",
    type: "precondition_failed",
  });
}

export function preconditionFailed(help: string): ApiError {
  return new ApiError(412, {
    help_message: help,
    message: "precondition is not respected",
    precondition: "attribute_must_be_set",
    type: "precondition_failed",
  });
}

export function alreadyExists(resource: string, id: string, help: string): ApiError {
  return new ApiError(409, {
    help_message: help,
    // With the reason in it: the Go client shows nothing else of this error.
    message: `resource already exists: ${help}`,
    resource,
    resource_id: id,
    type: "already_exists",
  });
}

export function transientState(resource: string, id: string, state: string): ApiError {
  return new ApiError(409, {
    current_state: state,
    message: "resource is in a transient state",
    resource,
    resource_id: id,
    type: "transient_state",
  });
}

export function quotaExceeded(resource: string, quota: number, current: number): ApiError {
  return new ApiError(403, {
    details: [{ current, quota, resource, scope: "organization" }],
    message: "quota(s) exceeded for this resource",
    type: "quotas_exceeded",
  });
}

export function outOfStock(resource: string): ApiError {
  return new ApiError(503, { message: "resource is out of stock", resource, type: "out_of_stock" });
}

export function deniedAuthentication(reason: "invalid_argument" | "not_found"): ApiError {
  return new ApiError(401, {
    message: "authentication is denied",
    method: "api_key",
    reason,
    type: "denied_authentication",
  });
}

export function permissionsDenied(resource: string, action: "read" | "write"): ApiError {
  return new ApiError(403, {
    details: [{ action, resource }],
    message: "insufficient permissions",
    type: "permissions_denied",
  });
}
