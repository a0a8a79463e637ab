import { afterEach, describe, expect, test, vi } from "vitest";
import { SECRET } from "../../../policy/rule.ts";
import { acmeProduction, noPlainSecret, withSecretOutputs } from "../../../policy/rules/secrets.ts";
import { acme, resource, said } from "./resources.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const PRODUCTION = "https://acme-v02.api.letsencrypt.org/directory";
const STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory";

describe("acme-production", () => {
  const inStaging = { environment: "staging", production: false };

  test("production's directory passes where the stack's file allows it", () => {
    expect(said(acmeProduction, [acme({ directory: PRODUCTION })])).toEqual([]);
    expect(said(acmeProduction, [acme({ directory: STAGING })], inStaging)).toEqual([]);
  });

  test.each(["directory", "rehearsal"])("as %s it fails elsewhere", (key) => {
    const [only, ...others] = said(acmeProduction, [acme({ [key]: PRODUCTION })], inStaging);
    expect(only).toMatch(new RegExp(`^${key} is Let's Encrypt's production .* staging may not`));
    expect(others).toEqual([]);
  });

  test("the environments that the pack names decide over the stack's file", () => {
    const options = { environments: ["prod"] };
    const used = [acme({ directory: PRODUCTION })];
    expect(said(acmeProduction, used, {}, options)).toEqual([]);
    const allowing = { environment: "staging", production: true };
    expect(said(acmeProduction, used, allowing, options)).toHaveLength(1);
  });
});

describe("no-plain-secret", () => {
  const KEY = "-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----\n";
  const stack = (endpoints: unknown) => resource("pulumi:pulumi:Stack", "stack", { endpoints });

  test("certificates, and keys that are marked, pass", () => {
    const chain = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";
    expect(said(noPlainSecret, [stack({ test: { chain, key: SECRET } })])).toEqual([]);
    const certificate = acme({ chainPem: chain, privateKeyPem: KEY });
    expect(said(noPlainSecret, [withSecretOutputs(certificate, ["privateKeyPem", "x"])])).toEqual(
      [],
    );
  });

  test("a key in plain fails, wherever it is", () => {
    expect(said(noPlainSecret, [stack({ test: ["", { all: `chain\n${KEY}` }] })])).toEqual([
      "has a secret in plain at endpoints.test.1.all: mark it with pulumi.secret, or take it out",
    ]);
  });

  test.each(["SCW_SECRET_KEY", "CLOUDFLARE_API_TOKEN"])("the run's %s in plain fails", (name) => {
    vi.stubEnv("SCW_SECRET_KEY", "");
    vi.stubEnv("CLOUDFLARE_API_TOKEN", "");
    expect(said(noPlainSecret, [stack("Bearer 0123abcd")])).toEqual([]);
    vi.stubEnv(name, "0123abcd");
    expect(said(noPlainSecret, [stack("Bearer 0123abcd")])).toHaveLength(1);
  });
});
