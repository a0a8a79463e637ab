/**
 * Cloudflare's refusals: an HTTP status, and codes that clients decide by. Cloudflare publishes no list of them. Seen
 * in real answers: 971, 1000, 6003, 6102, 6103, 6111, 7000, 7003, 9003, 9004, 9005, 9021, 9103, 9106, 9109, 9300, 9313, 10000 and
 * those from 81044; the others have the right status, and a code of the same range that no client should read.
 */

export interface Refusal {
  code: number;
  message: string;
  error_chain?: Refusal[];
}

export class ApiError extends Error {
  readonly status: number;
  readonly errors: Refusal[];
  /** Response headers. */
  readonly headers: Record<string, string>;

  constructor(status: number, errors: Refusal[], headers: Record<string, string> = {}) {
    super(errors.map(({ message }) => message).join("; "));
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

/** A request that is understood and refused, such as a record that breaks a rule. */
export function invalid(code: number, message: string): ApiError {
  return new ApiError(400, [{ code, message }]);
}

export const missingAuthorization = () =>
  invalid(9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers");

export const malformedAuthorization = () =>
  new ApiError(400, [
    {
      code: 6003,
      message: "Invalid request headers",
      error_chain: [{ code: 6111, message: "Invalid format for Authorization header" }],
    },
  ]);

/** Of the older way to sign in, by an account's address and its global key, of which the sandbox has none. */
export function unknownKey(email: string | undefined, key: string | undefined): ApiError {
  const error_chain = [
    ...(/^[^@\s]+@[^@\s]+$/.test(email ?? "")
      ? []
      : [{ code: 6102, message: "Invalid format for X-Auth-Email header" }]),
    ...(/^[0-9a-f]{37}$/.test(key ?? "")
      ? []
      : [{ code: 6103, message: "Invalid format for X-Auth-Key header" }]),
  ];
  if (error_chain.length > 0)
    return new ApiError(400, [{ code: 6003, message: "Invalid request headers", error_chain }]);
  return new ApiError(403, [{ code: 9103, message: "Unknown X-Auth-Key or X-Auth-Email" }]);
}

/** Of `/user/tokens/verify`. */
export const invalidToken = () => new ApiError(401, [{ code: 1000, message: "Invalid API Token" }]);

/** Of the zones; the records of a zone answer `authenticationError` to the same token. */
export const invalidAccessToken = () =>
  new ApiError(403, [{ code: 9109, message: "Invalid access token" }]);

export const unauthorized = () =>
  new ApiError(403, [{ code: 9109, message: "Unauthorized to access requested resource" }]);

/** A token that has no right to do this with the zone's records; also for a zone that does not exist. */
export const authenticationError = () =>
  new ApiError(403, [{ code: 10000, message: "Authentication error" }]);

/** An id that is not 32 hexadecimal digits, or a path that does not exist. */
export const noRoute = (path: string) =>
  new ApiError(404, [
    {
      code: 7003,
      message: `Could not route to ${path}, perhaps your object identifier is invalid?`,
    },
    { code: 7000, message: "No route for that URI" },
  ]);

/** Not Cloudflare's: a 404 would tell a client that what it looks for is not there. */
export const notHere = (method: string, url: string) =>
  new ApiError(501, [
    {
      code: 7000,
      message: `The sandbox's Cloudflare does not have ${method} ${url.split("?")[0]}`,
    },
  ]);

export const recordNotFound = () =>
  new ApiError(404, [{ code: 81044, message: "Record does not exist." }]);

/** https://developers.cloudflare.com/fundamentals/api/reference/limits/ */
export const rateLimited = (requests: number, seconds: number, retryAfter: number) =>
  new ApiError(
    429,
    [
      {
        code: 971,
        message: `More than ${requests} requests per ${seconds} seconds reached. Please wait and consider throttling your request speed`,
      },
    ],
    { "retry-after": String(retryAfter) },
  );
