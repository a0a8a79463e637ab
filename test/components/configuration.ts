import { readStackConfig, type StackConfig } from "../../config/stackConfig.ts";

/** The configuration of the stack `prod`, with these endpoints and what differs from the usual. */
export function configOf(endpoints: object[], more: Record<string, string> = {}): StackConfig {
  return readStackConfig(valuesOf(endpoints, more));
}

/** The same before it is read: by key without the project's name. */
export function valuesOf(
  endpoints: object[],
  more: Record<string, string> = {},
): Record<string, string> {
  return {
    environment: "prod",
    network: "production",
    kubeContext: "production",
    acmeDirectory: "letsencrypt",
    acmeEmail: "platform@example.com",
    dnsZones: JSON.stringify([{ name: "example.com" }]),
    endpoints: JSON.stringify(endpoints),
    ...more,
  };
}
