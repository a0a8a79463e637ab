/** API tokens: what each may do, and how Cloudflare refuses the others. */
import { createHash } from "node:crypto";
import * as errors from "./errors.ts";
import type { CloudflareZone } from "./model.ts";

export type Right = "read" | "edit";

export interface TokenScope {
  /** The right on the DNS records of each zone by its name, or one right on all of them. */
  zones: Readonly<Record<string, Right>> | Right;
  /** @default "active" */
  status?: "active" | "disabled" | "expired";
}

export class Token {
  readonly id: string;
  readonly status: "active" | "disabled" | "expired";
  readonly #zones: TokenScope["zones"];

  constructor(value: string, { zones, status = "active" }: TokenScope) {
    this.id = createHash("sha256").update(value).digest("hex").slice(0, 32);
    this.status = status;
    this.#zones = zones;
  }

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
  authorization: string | undefined,
  unknown: () => errors.ApiError,
): Token {
  if (authorization === undefined) throw errors.missingAuthorization();
  const [, value] = /^Bearer ([A-Za-z0-9_-]{40,})$/.exec(authorization) ?? [];
  if (value === undefined) throw errors.malformedAuthorization();
  const token = tokens.get(value);
  if (!token) throw unknown();
  return token;
}
