import { describe, expect, it } from "vitest";
import { cloudflareClient } from "../../../dynamic/cloudflare.ts";
import {
  cloudflareSettings,
  nameserverAddresses,
  proxyFor,
  proxyVariable,
  scalewaySettings,
} from "../../../dynamic/environment.ts";
import { scalewayClient } from "../../../dynamic/scaleway.ts";

const scaleway = {
  SCW_ACCESS_KEY: "SCWAAAAAAAAAAAAAAAAA",
  SCW_SECRET_KEY: "11111111-1111-4111-8111-111111111111",
};

describe("credentials", () => {
  it.each([
    ["CLOUDFLARE_API_TOKEN", () => cloudflareSettings({})],
    ["CLOUDFLARE_API_TOKEN", () => cloudflareSettings({ CLOUDFLARE_API_TOKEN: "" })],
    ["SCW_ACCESS_KEY", () => scalewaySettings({})],
    ["SCW_SECRET_KEY", () => scalewaySettings({ SCW_ACCESS_KEY: scaleway.SCW_ACCESS_KEY })],
  ])("that are missing are named: %s", (name, read) => {
    expect(read).toThrow(new RegExp(`^environment variable ${name} is not set: .+`));
  });

  it("make a Cloudflare client for the given address, with the token and nothing else", () => {
    const client = cloudflareClient({
      CLOUDFLARE_API_TOKEN: "t",
      CLOUDFLARE_BASE_URL: "http://127.0.0.1:1/client/v4",
    });
    expect(client.baseURL).toBe("http://127.0.0.1:1/client/v4");
    expect(client.apiToken).toBe("t");
    expect([client.apiKey, client.apiEmail, client.userServiceKey]).toEqual([null, null, null]);
  });

  it("make a Scaleway client for the given address, else for the vendor's", () => {
    expect(scalewayClient({ ...scaleway, SCW_API_URL: "http://127.0.0.1:1" }).settings.apiURL).toBe(
      "http://127.0.0.1:1",
    );
    expect(scalewayClient(scaleway).settings.apiURL).toBe("https://api.scaleway.com");
  });
});

describe("PRIVATE_LB_NAMESERVERS", () => {
  it.each([
    [undefined, {}],
    ["", {}],
    ["ns1.example.com=127.0.0.1:53", { "ns1.example.com": "127.0.0.1:53" }],
    [
      " NS1.example.com.=127.0.0.1:1 , ns2.example.com=[::1]:2,",
      { "ns1.example.com": "127.0.0.1:1", "ns2.example.com": "[::1]:2" },
    ],
  ])("%j is read", (text, expected) => {
    expect(Object.fromEntries(nameserverAddresses({ PRIVATE_LB_NAMESERVERS: text }))).toEqual(
      expected,
    );
  });

  it.each(["ns1.example.com", "ns1=127.0.0.1", "=127.0.0.1:53"])("%j is refused", (text) => {
    expect(() => nameserverAddresses({ PRIVATE_LB_NAMESERVERS: text })).toThrow(
      `PRIVATE_LB_NAMESERVERS must be name=HOST:PORT,name=HOST:PORT; got "${text}"`,
    );
  });
});

describe("the proxy of a private network", () => {
  it.each([
    ["staging", "PRIVATE_LB_PROXY_STAGING"],
    ["pre-production 2", "PRIVATE_LB_PROXY_PRE_PRODUCTION_2"],
  ])("%s is named by %s", (network, variable) => {
    expect(proxyVariable(network)).toBe(variable);
    expect(proxyFor(network, { [variable]: "http://127.0.0.1:8080" })?.port).toBe("8080");
    expect(proxyFor(network, {})).toBeUndefined();
  });

  it.each(["127.0.0.1:8080", "socks5://127.0.0.1:8080", "http://"])("%j is refused", (value) => {
    expect(() => proxyFor("staging", { PRIVATE_LB_PROXY_STAGING: value })).toThrow(
      "PRIVATE_LB_PROXY_STAGING must be the URL of an HTTP proxy",
    );
  });
});
