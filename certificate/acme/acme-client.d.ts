/**
 * The parts of acme-client 5.4 that are used, below its own client: JWS signing, external account binding
 * and the calls of RFC 8555. It ships no types for them, and its main module loads node-forge besides.
 */
declare module "acme-client/src/http.js" {
  export interface AcmeResponse {
    status: number;
    headers: Record<string, string>;
    /** Parsed JSON, or text. */
    data: unknown;
  }

  export interface SignedRequestOptions {
    kid?: string | null;
    nonce?: string | null;
    includeExternalAccountBinding?: boolean;
  }

  export default class HttpClient {
    constructor(
      directoryUrl: string,
      accountKey: Buffer,
      externalAccountBinding?: { kid?: string; hmacKey?: string },
    );
    readonly externalAccountBinding: { kid?: string; hmacKey?: string };
    getDirectory(): Promise<Record<string, unknown>>;
    getResourceUrl(resource: string): Promise<string>;
    getJwk(): Record<string, string>;
    createSignedHmacBody(
      hmacKey: string,
      url: string,
      payload: object,
      options: { kid: string },
    ): object;
    createSignedBody(
      url: string,
      payload: object | null,
      options: { nonce: string; kid: string | null },
    ): object;
    signedRequest(
      url: string,
      payload: object | null,
      options?: SignedRequestOptions,
    ): Promise<AcmeResponse>;
  }
}

declare module "acme-client/src/api.js" {
  import type HttpClient from "acme-client/src/http.js";
  import type { AcmeResponse } from "acme-client/src/http.js";

  export default class AcmeApi {
    constructor(http: HttpClient, accountUrl?: string | null);
    accountUrl: string | null;
    createAccount(data: object): Promise<AcmeResponse>;
    updateAccount(data: object | null): Promise<AcmeResponse>;
    createOrder(data: object): Promise<AcmeResponse>;
    getOrder(url: string): Promise<AcmeResponse>;
    finalizeOrder(url: string, data: { csr: string }): Promise<AcmeResponse>;
    getAuthorization(url: string): Promise<AcmeResponse>;
    completeChallenge(url: string, data: object): Promise<AcmeResponse>;
    apiRequest(
      url: string,
      payload: object | null,
      valid: number[],
      options?: object,
    ): Promise<AcmeResponse>;
  }
}

declare module "acme-client/src/crypto/index.js" {
  import type { CryptoInterface } from "acme-client";

  const crypto: CryptoInterface;
  export default crypto;
}
