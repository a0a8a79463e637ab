import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { describeFault } from "../../../config/faults.ts";
import { endpointShape, settingsShape } from "../../../config/schema.ts";
import {
  ConfigurationError,
  readStackConfig,
  type StackConfig,
} from "../../../config/stackConfig.ts";
import { type OwnCertificate, selfSigned } from "./selfSigned.ts";

const endpoint = { domain: "test.example.com", namespace: "ops-tools" };
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

function read(
  endpoints: unknown,
  more: Record<string, unknown> = {},
  directory?: string,
): StackConfig {
  return readStackConfig(asPulumiGives({ ...settings, endpoints, ...more }), directory);
}

function faults(endpoints: unknown, more: Record<string, unknown> = {}): string[] {
  try {
    read(endpoints, more);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults.map(describeFault);
    throw error;
  }
  return [];
}

const one = (more: object) => [{ ...endpoint, ...more }];

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
    keyType: "ec256",
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

describe("settings", () => {
  test.each<[string, unknown, string]>([
    ["environment", undefined, "environment must be text; got nothing"],
    [
      "environment",
      "Prod",
      "environment must consist of lower-case letters, digits and inner hyphens, and begin with a letter; got Prod",
    ],
    ["zone", "paris", "zone must be a Scaleway zone, such as fr-par-1; got paris"],
    ["network", undefined, "network must be text; got nothing"],
    ["kubeContext", undefined, "kubeContext must be text; got nothing"],
    [
      "acmeDirectory",
      "http://ca.example",
      "acmeDirectory must be letsencrypt, letsencrypt-staging or an https URL; got http://ca.example",
    ],
    ["acmeEmail", "platform", "acmeEmail must be an e-mail address; got platform"],
    ["dnsZones", [], "dnsZones must name at least one zone; got a list"],
    ["dnsZones", "example.com", "dnsZones must be a list; got example.com"],
    ["protect", "yes", "protect must be in-production, always or never; got yes"],
    ["propagationTimeout", 0, "propagationTimeout must be at least one second; got 0"],
    ["frontendTimeout", 1.5, "frontendTimeout must be a whole number of seconds; got 1.5"],
  ])("%s %s: %s", (key, value, expected) => {
    expect(faults([endpoint], { [key]: value })).toContain(expected);
  });

  test("a zone is named once", () => {
    expect(
      faults([endpoint], { dnsZones: [{ name: "example.com" }, { name: "example.com" }] }),
    ).toEqual(["dnsZones[1] must be named once: dnsZones[0] has it too; got example.com"]);
  });

  test("Let's Encrypt's production directory outside production needs an explicit opt-in", () => {
    const staging = { environment: "staging" };
    expect(faults([endpoint], staging)).toEqual([
      "acmeDirectory must be letsencrypt-staging in staging, or allowLetsEncryptProduction be true: its limits are shared with production; got letsencrypt",
    ]);
    expect(faults([endpoint], { ...staging, allowLetsEncryptProduction: true })).toEqual([]);
  });
});

describe("keys that are not known", () => {
  test.each<[unknown, Record<string, unknown>, string]>([
    [[endpoint], { kubecontext: "x" }, "kubecontext is not a known key; did you mean kubeContext?"],
    [
      one({ targetport: 8080 }),
      {},
      "endpoints[0].targetport is not a known key; did you mean targetPort?",
    ],
    [
      one({ extraPorts: [{ name: "a", port: 81, target: 81 }] }),
      {},
      "endpoints[0].extraPorts[0] has a key too many: target is not a known key; known are name, port, targetPort",
    ],
    [
      one({ alsoFrom: [{ netwrk: "monitoring", domain: "a.example.com" }] }),
      {},
      "endpoints[0].alsoFrom[0] has a key too many: netwrk is not a known key; did you mean network?",
    ],
  ])("%# are refused, with the nearest one", (endpoints, more, expected) => {
    expect(faults(endpoints, more)).toContain(expected);
  });
});

describe("endpoints", () => {
  test.each<[string, unknown, string]>([
    ["no list", "test", "endpoints must be a list of at least one endpoint; got test"],
    ["an empty list", [], "endpoints must be a list of at least one endpoint; got an empty list"],
    ["no object", ["test.example.com"], "endpoints[0] must be an object; got test.example.com"],
    ["no domain", [{ namespace: "a" }], "endpoints[0].domain must be text; got nothing"],
    [
      "a wildcard as domain",
      one({ domain: "*.example.com" }),
      "endpoints[0].domain must be a host name, not a wildcard; got *.example.com",
    ],
    [
      "a bad Unicode name",
      one({ domain: "über_mut.example.com" }),
      "endpoints[0].domain must consist of letters, digits and inner hyphens between dots: xn--ber_mut-m2a.example.com (über_mut.example.com); got über_mut.example.com",
    ],
    [
      "a key that is no word",
      one({ selector: { "app.kubernetes.io/name": 1 } }),
      'endpoints[0].selector["app.kubernetes.io/name"] must be text; got 1',
    ],
    [
      "a Unicode name outside the zones",
      one({ domain: "bücher.example.org" }),
      "endpoints[0].domain must lie in one of the zones example.com, example.net; got xn--bcher-kva.example.org (bücher.example.org)",
    ],
    [
      "an alias outside the zones",
      one({ aliases: ["a.example.org"] }),
      "endpoints[0].aliases[0] must lie in one of the zones example.com, example.net; got a.example.org",
    ],
    [
      "the same name twice",
      [endpoint, { ...endpoint, serviceName: "b" }],
      "endpoints[1].domain must be a name of its own: endpoints[0].domain has it too; got test.example.com",
    ],
    [
      "a name under a wildcard",
      [...one({ aliases: ["*.example.com"] }), { domain: "b.c.example.com", namespace: "x" }],
      "endpoints[0].domain must not lie under a wildcard: endpoints[0].aliases[0] is *.example.com; got test.example.com",
    ],
    [
      "a load balancer's name that is taken",
      [
        { domain: "a.b.example.com", namespace: "x" },
        { domain: "a-b.example.com", namespace: "y" },
      ],
      "endpoints[1].domain must give a load balancer's name of its own: endpoints[0].domain has it too; got private-lb-prod-a-b",
    ],
    [
      "a load balancer's name too long",
      one({ domain: `${"a".repeat(50)}.example.com` }),
      `endpoints[0].domain must give a load balancer's name of at most 63 characters; got private-lb-prod-${"a".repeat(50)} (66)`,
    ],
    [
      "a Service that is taken",
      [
        ...one({ serviceName: "same" }),
        { ...endpoint, domain: "b.example.com", serviceName: "same" },
      ],
      "endpoints[1].serviceName must be a Service of its own: endpoints[0].serviceName has it too; got ops-tools/same",
    ],
    [
      "a Service name from a digit",
      one({ domain: "1pass.example.com" }),
      "endpoints[0].serviceName must be set: the name made from the domain is none for a Service, which has at most 63 characters and begins with a letter; got 1pass-lb-private",
    ],
    [
      "its own network again",
      one({ alsoFrom: [{ network: "production", domain: "b.example.com" }] }),
      "endpoints[0].alsoFrom[0].network must be a network of its own: network has it too; got production",
    ],
    [
      "too many networks",
      one({
        alsoFrom: Array.from({ length: 8 }, (_, i) => ({
          network: `n${i}`,
          domain: `n${i}.example.com`,
        })),
      }),
      "endpoints[0].alsoFrom must name at most 7 networks: a load balancer has at most 8, the own one among them; got 8",
    ],
    [
      "too many names for the profile",
      one({
        profile: "tlsserver",
        aliases: Array.from({ length: 25 }, (_, i) => `n${i}.example.com`),
      }),
      "endpoints[0] must have at most 25 names, by the ACME profile tlsserver; got 26",
    ],
    [
      "port 443 again",
      one({ extraPorts: [{ name: "a", port: 443 }] }),
      "endpoints[0].extraPorts[0].port must be a port of its own: the endpoint's own port https has it too; got 443",
    ],
    [
      "the port name https again",
      one({ extraPorts: [{ name: "https", port: 81 }] }),
      "endpoints[0].extraPorts[0].name must be a name of its own: the endpoint's own port https has it too; got https",
    ],
    [
      "a port out of range",
      one({ targetPort: 70000 }),
      "endpoints[0].targetPort must be a port, 1 to 65535; got 70000",
    ],
    [
      "a public range",
      one({ sourceRanges: ["0.0.0.0/0"] }),
      "endpoints[0].sourceRanges[0] must be a private range, within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10; got 0.0.0.0/0",
    ],
    [
      "HTTP/3 with tcp",
      one({ backendProtocol: "tcp", http3: true }),
      "endpoints[0].http3 must be false where the backend protocol is tcp; got true",
    ],
    [
      "HTTP in passthrough",
      one({ tls: "passthrough", backendProtocol: "http" }),
      "endpoints[0].backendProtocol must be tcp where tls is passthrough; got http",
    ],
    [
      "an unknown policy",
      one({ networkPolicy: "none" }),
      "endpoints[0].networkPolicy must be network, load-balancer or off; got none",
    ],
    [
      "an unknown key type",
      one({ keyType: "rsa1024" }),
      "endpoints[0].keyType must be one of ec256, ec384, rsa2048, rsa4096; got rsa1024",
    ],
    [
      "an empty selector",
      one({ selector: {} }),
      "endpoints[0].selector must name at least one label; got an object",
    ],
  ])("%s", (_, endpoints, expected) => {
    expect(faults(endpoints)).toContain(expected);
  });
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

describe("a certificate of one's own", () => {
  let own: OwnCertificate;
  let other: OwnCertificate;
  beforeAll(async () => {
    [own, other] = await Promise.all([
      selfSigned(["test.example.com"]),
      selfSigned(["test.example.com"]),
    ]);
  });

  test("is taken when its key and its names match", () => {
    expect(faults(one({ certificate: own }))).toEqual([]);
  });

  test.each<[string, () => object, string]>([
    ["no PEM", () => ({ chain: "x", privateKey: "y" }), "must hold a PEM certificate in chain"],
    [
      "no key",
      () => ({ chain: own.chain, privateKey: "y" }),
      "must hold an unencrypted PEM private key in privateKey",
    ],
    [
      "another's key",
      () => ({ chain: own.chain, privateKey: other.privateKey }),
      "must hold the private key that belongs to the chain's first certificate",
    ],
  ])("is refused with %s", (_, certificate, rule) => {
    expect(faults(one({ certificate: certificate() }))).toEqual([
      `endpoints[0].certificate ${rule}`,
    ]);
  });

  test("is refused when a name is missing in it", () => {
    expect(faults(one({ certificate: own, aliases: ["b.example.com"] }))).toEqual([
      "endpoints[0].certificate must hold a certificate for every name: b.example.com is missing",
    ]);
  });

  test("is refused when it has expired", async () => {
    const expired = await selfSigned(["test.example.com"], 0.5);
    expect(faults(one({ certificate: expired }))[0]).toContain("this one expired at ");
  });

  test("is refused in passthrough", () => {
    expect(faults(one({ certificate: own, tls: "passthrough" }))).toEqual([
      "endpoints[0].certificate must be absent where tls is passthrough",
    ]);
  });

  test.each<[string, () => [unknown, Record<string, unknown>]]>([
    ["in another's place", () => [one({ certificate: own.privateKey }), {}]],
    [
      "as a wrong type",
      () => [one({ certificate: { chain: own.chain, privateKey: [own.privateKey] } }), {}],
    ],
    ["beside an unknown key", () => [one({ certificate: { ...own, passphrase: "s3cret" } }), {}]],
    ["under an object that is no list", () => [{ certificate: own }, {}]],
    [
      "of the account binding",
      () => [[endpoint], { acmeExternalAccountBinding: { keyId: "k", hmacKey: ["s3cret"] } }],
    ],
  ])("a secret %s is not shown", (_, given) => {
    const [endpoints, more] = given();
    const text = faults(endpoints, more).join("\n");
    expect(text).not.toBe("");
    expect(text).not.toContain("s3cret");
    for (const line of own.privateKey.split("\n").filter((part) => part.length > 20))
      expect(text).not.toContain(line.slice(0, 20));
  });
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
