import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ImportFile, loadImports } from "../../../config/adoption.ts";
import type { EndpointConfig } from "../../../config/stackConfig.ts";
import { selfSigned } from "./selfSigned.ts";

const DOMAIN = "test.example.com";
const folder = mkdtempSync(path.join(tmpdir(), "private-lb-import-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let chain: string;
beforeAll(async () => {
  ({ chain } = await selfSigned([DOMAIN]));
});

const declared = (more: Partial<EndpointConfig> = {}) =>
  ({
    domain: DOMAIN,
    tls: "offload",
    names: [{ name: DOMAIN, network: "production", dnsZone: "example.com" }],
    ...more,
  }) as EndpointConfig;

const imports = (): ImportFile => ({
  stack: "prod",
  endpoints: {
    [DOMAIN]: {
      loadBalancer: "fr-par-1/lb",
      networks: { production: { address: "fr-par/ip", attachment: "fr-par-1/lb/pn" } },
      service: "ops-tools/test-lb-private",
      records: { [DOMAIN]: "zone/record" },
      certificate: { id: "fr-par-1/certificate", chain },
    },
  },
});

function load(content: unknown, endpoints = [declared()], now = new Date()) {
  const file = path.join(folder, "import.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return loadImports("prod", endpoints, { PRIVATE_LB_IMPORT: file }, now);
}

test("nothing is imported without the variable", () => {
  expect(loadImports("prod", [declared()], {})).toEqual({});
});

test("what the file says is imported, by domain", () => {
  expect(load(imports())).toEqual(imports().endpoints);
});

/** A second endpoint, on that load balancer. */
function together(
  loadBalancer: string,
  more: Partial<EndpointConfig>,
): [ImportFile, EndpointConfig[]] {
  const file = imports();
  const { certificate: _not, ...first } = file.endpoints[DOMAIN] ?? {};
  const other = "other.example.com";
  file.endpoints[other] = { ...first, loadBalancer } as ImportFile["endpoints"][string];
  return [file, [declared(more), declared({ domain: other, names: [], ...more })]];
}

test("endpoints that share a load balancer are imported together", () => {
  const [file, endpoints] = together("fr-par-1/lb", { loadBalancer: "tools" });
  expect(load(file, endpoints)).toEqual(file.endpoints);
});

describe("an import file is refused", () => {
  test.each<[string, (file: ImportFile) => unknown, RegExp]>([
    ["that is no JSON", () => "{", /cannot be read/],
    [
      "of another stack",
      (file) => ({ ...file, stack: "staging" }),
      /must be of the stack prod; got staging/,
    ],
    ["with a key too many", (file) => ({ ...file, more: 1 }), /more/],
    [
      "whose chain is no certificate",
      (file) => {
        Object.assign(file.endpoints[DOMAIN]?.certificate ?? {}, { chain: "no" });
        return file;
      },
      /certificate\.chain must hold certificates: there is no certificate in it/,
    ],
  ])("%s", (_, edit, message) => {
    expect(() => load(edit(imports()))).toThrow(message);
  });

  test("for a domain that is not declared", () => {
    expect(() => load(imports(), [])).toThrow(/must be the domain of an endpoint of the stack/);
  });

  test("with a certificate that has expired since", () => {
    const later = new Date(Date.now() + 91 * 86_400_000);
    expect(() => load(imports(), [declared()], later)).toThrow(/has expired \(valid from/);
  });

  test("with a certificate that lacks a name that was declared since", () => {
    const alias = { name: "more.example.com", network: "production", dnsZone: "example.com" };
    const endpoint = declared({ names: [...declared().names, alias] });
    expect(() => load(imports(), [endpoint])).toThrow(/more\.example\.com is missing/);
  });

  test.each<[string, Partial<EndpointConfig>]>([
    ["in passthrough", { tls: "passthrough" }],
    ["with a certificate of its own", { certificate: { chain: "x", privateKey: "y" } }],
  ])("with a certificate for an endpoint %s", (_, more) => {
    expect(() => load(imports(), [declared(more)])).toThrow(/must have no certificate to import/);
  });

  test.each<[string, string, Partial<EndpointConfig>, RegExp]>([
    ["share one, and are on two", "fr-par-1/other", { loadBalancer: "tools" }, /both share tools/],
    ["are on one, and share none", "fr-par-1/lb", {}, /must share the load balancer of/],
  ])("for endpoints that %s", (_, loadBalancer, more, message) => {
    expect(() => load(...together(loadBalancer, more))).toThrow(message);
  });
});
