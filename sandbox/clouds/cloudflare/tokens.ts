/** API tokens: what each may do, and how Cloudflare refuses the others. */
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import * as errors from "./errors.ts";
import type { CloudflareZone } from "./model.ts";

export type Right = "read" | "edit";

export interface TokenScope {
  /** The right on the DNS records of each zone by its name, or one right on all of them. */
  zones: Readonly<Record<string, Right>> | Right;
  /** Whether it sees the zones themselves, by which a client finds their ids (Zone.Zone:Read). @default true */
  zoneRead?: boolean;
  /** @default "active" */
  status?: "active" | "disabled" | "expired";
}

export class Token {
  readonly id: string;
  readonly status: "active" | "disabled" | "expired";
  readonly #zones: TokenScope["zones"];
  readonly #zoneRead: boolean;

  constructor(value: string, { zones, zoneRead = true, status = "active" }: TokenScope) {
    this.id = createHash("sha256").update(value).digest("hex").slice(0, 32);
    this.status = status;
    this.#zones = zones;
    this.#zoneRead = zoneRead;
  }

  /** The right on the zone's records, where the zone itself may be seen. */
  visible(zone: CloudflareZone): Right | undefined {
    return this.#zoneRead ? this.right(zone) : undefined;
  }

  /** The right on the zone's records. */
  right({ name }: CloudflareZone): Right | undefined {
    return typeof this.#zones === "string" ? this.#zones : this.#zones[name];
  }
}

/**
 * The token that a request carries.
 * @param unknown what an unknown or disabled token is answered; it differs by endpoint
 */
export function authenticate(
  tokens: ReadonlyMap<string, Token>,
  headers: IncomingHttpHeaders,
  unknown: () => errors.ApiError,
): Token {
  const { authorization } = headers;
  const [email, key] = ["x-auth-email", "x-auth-key"].map((name) => headers[name]?.toString());
  if (authorization === undefined)
    throw (email ?? key) === undefined
      ? errors.missingAuthorization()
      : errors.unknownKey(email, key);
  const [, value] = /^Bearer ([A-Za-z0-9_-]{40,})$/.exec(authorization) ?? [];
  if (value === undefined) throw errors.malformedAuthorization();
  const token = tokens.get(value);
  if (!token) throw unknown();
  return token;
}
