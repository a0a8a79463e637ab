/** What the program uses of the plugin `cloudflare`. */
import type Cloudflare from "cloudflare";
import type { Provider } from "../../engine/provider.ts";
import { BridgedProvider } from "../bridged.ts";
import { connect } from "./client.ts";
import { dnsRecord } from "./dnsRecord.ts";
import { getZone, getZones } from "./zones.ts";

export function cloudflareProvider(env: NodeJS.ProcessEnv): Provider {
  return new BridgedProvider<Cloudflare>({
    name: "cloudflare",
    connect: (config) => connect(env, config),
    resources: [dnsRecord],
    functions: {
      "cloudflare:index/getZone:getZone": getZone,
      "cloudflare:index/getZones:getZones": getZones,
    },
  });
}
