import type { EndpointConfig, StackConfig } from "../../config/stackConfig.ts";

/** The endpoints whose certificates come by ACME. */
export function acmeEndpoints({ endpoints }: StackConfig): EndpointConfig[] {
  return endpoints.filter(({ tls, certificate }) => tls !== "passthrough" && !certificate);
}
