/** A good configuration of a stack, to be changed where a test wants it faulty. */
import { describeFault } from "../../../config/faults.ts";
import {
  ConfigurationError,
  readStackConfig,
  type StackConfig,
} from "../../../config/stackConfig.ts";

export const endpoint: Record<string, unknown> = {
  domain: "test.example.com",
  namespace: "ops-tools",
};
const settings = {
  environment: "prod",
  network: "production",
  kubeContext: "production",
  acmeDirectory: "letsencrypt",
  acmeEmail: "platform@example.com",
  dnsZones: [{ name: "example.com" }, { name: "example.net" }],
};

/** As Pulumi hands them on: text as it is, all else as JSON. */
function asPulumiGives(values: Record<string, unknown>): Record<string, string> {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, text(value)]),
  );
}

export function read(
  endpoints: unknown,
  more: Record<string, unknown> = {},
  directory?: string,
): StackConfig {
  return readStackConfig(asPulumiGives({ ...settings, endpoints, ...more }), directory);
}

export function faults(endpoints: unknown, more: Record<string, unknown> = {}): string[] {
  try {
    read(endpoints, more);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults.map(describeFault);
    throw error;
  }
  return [];
}

/** The good endpoint, changed, as the only one. */
export const one = (more: object) => [{ ...endpoint, ...more }];
