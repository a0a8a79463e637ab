/** One HTTPS call to Pebble itself, past the front and its log. */
import { request } from "node:https";

export interface PebbleAnswer {
  status: number;
  text: string;
}

/**
 * @param ca PEM of the authority of Pebble's own HTTPS certificate
 * @param body makes it a POST
 * @throws when nothing answers within 10 s
 */
export function requestPebble(url: string, ca: string, body?: string): Promise<PebbleAnswer> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    // RFC 8555, section 6.1: an ACME client has to name itself, which Pebble insists on.
    const headers = { "user-agent": "private-lb-sandbox" };
    const options = { ca, method, headers, agent: false, timeout: 10_000 } as const;
    const outgoing = request(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error(`${url} did not answer within 10 s`)));
    outgoing.on("error", reject).end(body);
  });
}
