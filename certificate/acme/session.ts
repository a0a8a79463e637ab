import AcmeApi from "acme-client/src/api.js";
import HttpClient, { type AcmeResponse, type SignedRequestOptions } from "acme-client/src/http.js";
import { type AcmeEndpoint, endpointFor, type RequestOptions } from "./endpoint.ts";
import { AcmeProblem } from "./problem.ts";

/** A server that refuses nine nonces of ten takes one of a hundred but for 3 requests of 100,000. */
const NONCE_TRIES = 100;

export interface ExternalAccountBinding {
  keyId: string;
  /** base64url, as the authority gave it. */
  hmacKey: string;
}

export interface SessionOptions {
  directory: string;
  accountKeyPem: string;
  /** Absent only where the account is being looked up. */
  accountUrl?: string | undefined;
  externalAccountBinding?: ExternalAccountBinding | undefined;
  signal?: AbortSignal | undefined;
  /** @default the one of this process for `directory` */
  endpoint?: AcmeEndpoint;
}

export interface AcmeSession {
  api: AcmeApi;
  http: HttpClient;
  endpoint: AcmeEndpoint;
  /**
   * A request of the account that is to have its effect once.
   * @param found see {@link RequestOptions}
   */
  once(
    url: string,
    payload: object,
    found: NonNullable<RequestOptions["found"]>,
  ): Promise<AcmeResponse>;
}

/** acme-client's calls for one account, over this process's shared endpoint. Cheap: makes no request. */
export function openSession(options: SessionOptions): AcmeSession {
  const endpoint = options.endpoint ?? endpointFor(options.directory);
  const http = new SharedHttp(endpoint, options);
  const api = new CheckedApi(http, options.accountUrl ?? null);
  const once: AcmeSession["once"] = (url, payload, found) =>
    http.signedRequest(url, payload, { kid: api.accountUrl, found });
  return { endpoint, http, api, once };
}

/** Its own words for an unexpected status are the whole answer, and need it to be of a certain shape. */
class CheckedApi extends AcmeApi {
  override async apiRequest(
    url: string,
    payload: object | null,
    valid: number[] = [],
    options?: object,
  ): Promise<AcmeResponse> {
    const answer = await super.apiRequest(url, payload, [], options);
    if (valid.length === 0 || valid.includes(answer.status)) return answer;
    throw new Error(`${url} answered ${answer.status} in place of ${valid.join(" or ")}`);
  }
}

/**
 * acme-client's HTTP layer with another transport below its signing: its own sets no timeout, sleeps as
 * long as `Retry-After` says, and fetches a nonce before each request.
 */
class SharedHttp extends HttpClient {
  readonly #endpoint: AcmeEndpoint;
  readonly #signal: AbortSignal | undefined;

  constructor(endpoint: AcmeEndpoint, options: SessionOptions) {
    const { externalAccountBinding: binding } = options;
    super(
      endpoint.directoryUrl,
      Buffer.from(options.accountKeyPem),
      binding ? { kid: binding.keyId, hmacKey: binding.hmacKey } : {},
    );
    this.#endpoint = endpoint;
    this.#signal = options.signal;
  }

  override getDirectory(): Promise<Record<string, unknown>> {
    return this.#endpoint.directory(this.#signal);
  }

  override async signedRequest(
    url: string,
    payload: object | null,
    {
      kid = null,
      includeExternalAccountBinding = false,
      found,
    }: SignedRequestOptions & Pick<RequestOptions, "found"> = {},
  ): Promise<AcmeResponse> {
    const content = includeExternalAccountBinding ? this.#bind(url, payload) : payload;
    const body = async () => {
      const nonce = await this.#endpoint.nonce(this.#signal);
      return JSON.stringify(this.createSignedBody(url, content, { nonce, kid }));
    };
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#endpoint.request(url, "POST", { body, signal: this.#signal, found });
      } catch (error) {
        const stale = error instanceof AcmeProblem && error.type === "badNonce";
        if (!stale || attempt >= NONCE_TRIES) throw error;
      }
    }
  }

  #bind(url: string, payload: object | null): object | null {
    const { kid, hmacKey } = this.externalAccountBinding;
    if (!kid || !hmacKey) return payload;
    const externalAccountBinding = this.createSignedHmacBody(hmacKey, url, this.getJwk(), { kid });
    return { ...payload, externalAccountBinding };
  }
}
