import Client from "cloudflare";
import { CallLog } from "../../../sandbox/clouds/api.ts";
import {
  type Cloudflare,
  type CloudflareOptions,
  startCloudflare,
} from "../../../sandbox/clouds/cloudflare/server.ts";

export interface Answer {
  status: number;
  headers: Headers;
  success: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: a body as it comes from the network
  result: any;
  errors: { code: number; message: string; error_chain?: unknown }[];
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  result_info?: any;
  messages: unknown[];
}

export interface TestApi extends Cloudflare {
  log: CallLog;
  client: Client;
  /** A raw call with any token; the path is below /client/v4. */
  call(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
  /** `code message` of the refusal of a new record in example.com, or `created`. */
  create(fields: Record<string, unknown>): Promise<string>;
}

/** Cloudflare with the zones example.com and example.net, unless told otherwise, and its official client. */
export async function startTestApi(options: Partial<CloudflareOptions> = {}): Promise<TestApi> {
  const log = new CallLog();
  const api = await startCloudflare({ log, zones: ["example.com", "example.net"], ...options });
  const call = async (method: string, path: string, body?: unknown, token = api.token) => {
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const { status, headers } = response;
    return { status, headers, ...((await response.json()) as Omit<Answer, "status" | "headers">) };
  };
  const records = `/zones/${api.zoneId("example.com")}/dns_records`;
  return {
    ...api,
    log,
    client: new Client({ baseURL: api.url, apiToken: api.token, maxRetries: 0 }),
    call,
    create: async (fields) => {
      const { success, errors } = await call("POST", records, fields);
      return success ? "created" : `${errors[0]?.code} ${errors[0]?.message}`;
    },
  };
}
