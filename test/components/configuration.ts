import { readStackConfig, type StackConfig } from "../../config/stackConfig.ts";

/** The configuration of the stack `prod`, with these endpoints and what differs from the usual. */
export function configOf(endpoints: object[], more: Record<string, string> = {}): StackConfig {
  return readStackConfig({
    environment: "prod",
    network: "production",
    kubeContext: "production",
    acmeDirectory: "letsencrypt",
    acmeEmail: "platform@example.com",
    dnsZones: JSON.stringify([{ name: "example.com" }]),
    endpoints: JSON.stringify(endpoints),
    ...more,
  });
}
