import fc from "fast-check";
import { expect, test } from "vitest";
import { endpointShape, settingsShape } from "../../../config/schema.ts";
import { endpoint, faults, one, read } from "./configuration.ts";

test("defaults fill in what a plain endpoint leaves out", () => {
  const [plain] = read([endpoint]).endpoints;
  expect(plain).toEqual({
    domain: "test.example.com",
    namespace: "ops-tools",
    aliases: [],
    alsoFrom: [],
    dnsZone: "example.com",
    names: [{ name: "test.example.com", network: "production", dnsZone: "example.com" }],
    networks: [{ network: "production", address: undefined }],
    loadBalancerName: "private-lb-prod-test",
    port: 443,
    serviceName: "test-lb-private",
    selector: { "app.kubernetes.io/name": "test", "app.kubernetes.io/instance": "test" },
    targetPort: 80,
    extraPorts: [],
    loadBalancerType: "LB-S",
    tls: "offload",
    backendProtocol: "http",
    http3: true,
    sourceRanges: [],
    networkPolicy: "network",
    proxyProtocol: "off",
    stickySessions: "none",
    accessLogs: false,
    backendTls: "off",
    tlsCompatibility: "intermediate",
    keyType: "ec256",
    keyRotation: "always",
  });
});

test("the names are the domain, the aliases and the names in further networks, each with its zone", () => {
  const alsoFrom = [{ network: "monitoring", domain: "test.example.net", address: "172.16.12.9" }];
  const [config] = read(one({ aliases: ["*.test.example.com"], alsoFrom })).endpoints;
  expect(config?.names).toEqual([
    { name: "test.example.com", network: "production", dnsZone: "example.com" },
    { name: "*.test.example.com", network: "production", dnsZone: "example.com" },
    { name: "test.example.net", network: "monitoring", dnsZone: "example.net" },
  ]);
  expect(config?.networks.map(({ network, address }) => [network, address])).toEqual([
    ["production", undefined],
    ["monitoring", "172.16.12.9"],
  ]);
});

test("in passthrough the backend protocol is tcp, without HTTP/3", () => {
  const [config] = read(one({ tls: "passthrough" })).endpoints;
  expect(config).toMatchObject({ backendProtocol: "tcp", http3: false });
});

test.each([
  ["letsencrypt", "https://acme-v02.api.letsencrypt.org/directory"],
  ["letsencrypt-staging", "https://acme-staging-v02.api.letsencrypt.org/directory"],
  ["https://ca.example.com/acme", "https://ca.example.com/acme"],
])("the directory %s is %s", (acmeDirectory, url) => {
  expect(read([endpoint], { acmeDirectory }).acmeDirectory).toBe(url);
});

const STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory";

test.each([
  ["letsencrypt", undefined, STAGING],
  ["letsencrypt", "never", undefined],
  ["letsencrypt", "https://ca.example.com/acme", "https://ca.example.com/acme"],
  ["letsencrypt-staging", undefined, undefined],
  ["https://ca.example.com/acme", "auto", undefined],
  ["https://ca.example.com/acme", "letsencrypt-staging", STAGING],
])(
  "at the directory %s with rehearse %s, the rehearsal is at %s",
  (acmeDirectory, rehearse, url) => {
    const settings = rehearse === undefined ? { acmeDirectory } : { acmeDirectory, rehearse };
    expect(read([endpoint], settings).rehearsalDirectory).toBe(url);
  },
);

test("ACME_DIRECTORY_URL takes the place of the configured directory", () => {
  const url = "https://127.0.0.1:14000/dir";
  expect(read([endpoint], { environment: "staging" }, url).acmeDirectory).toBe(url);
});

test.each([
  ["prod", undefined, true],
  ["production", "in-production", true],
  ["staging", undefined, false],
  ["staging", "always", true],
  ["prod", "never", false],
])("in %s with protect %s, protection is %s", (environment, protect, expected) => {
  const acmeDirectory = "letsencrypt-staging";
  expect(read([endpoint], { environment, protect, acmeDirectory }).protect).toBe(expected);
});

test("a value that looks like another type stays text where text is wanted", () => {
  expect(read([endpoint], { network: "123" }).network).toBe("123");
});

test("an external account binding is none where it is empty", () => {
  expect(
    read([endpoint], { acmeExternalAccountBinding: {} }).acmeExternalAccountBinding,
  ).toBeUndefined();
  const binding = { keyId: "kid", hmacKey: "aG1hYw" };
  expect(
    read([endpoint], { acmeExternalAccountBinding: binding }).acmeExternalAccountBinding,
  ).toEqual(binding);
});

test("the sentence of a fault names path, rule and value received", () => {
  const three = [
    endpoint,
    { ...endpoint, domain: "b.example.com" },
    { ...endpoint, domain: "vault.example.org" },
  ];
  expect(faults(three)).toEqual([
    "endpoints[2].domain must lie in one of the zones example.com, example.net; got vault.example.org",
  ]);
});

test("all faults come at once: of shape, of single values, and of several together", () => {
  const found = faults(
    [
      { domain: "test.example.org", namespace: "Ops", targetport: 1 },
      { domain: "b.example.com", namespace: "x", extraPorts: [{ name: "a", port: 443 }] },
    ],
    { zone: "paris", kubeContext: undefined },
  );
  expect(found.map((fault) => fault.split(" ")[0])).toEqual([
    "zone",
    "kubeContext",
    "endpoints[0].targetport",
    "endpoints[0].namespace",
    "endpoints[0].domain",
    "endpoints[1].extraPorts[0].port",
  ]);
});

test("whatever the values, the answer is a configuration or a list of faults with paths", () => {
  const keys = fc.constantFrom(...Object.keys(settingsShape), "endpoints", "other");
  const parts = fc.dictionary(
    fc.constantFrom(...Object.keys(endpointShape), "other"),
    fc.jsonValue(),
  );
  const values = fc.dictionary(keys, fc.oneof(fc.jsonValue(), fc.array(parts)));
  fc.assert(
    fc.property(values, (given) => {
      for (const fault of faults(given["endpoints"], given)) expect(fault).toMatch(/^\w+/);
    }),
  );
});
