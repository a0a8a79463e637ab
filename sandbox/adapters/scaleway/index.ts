/** What the program uses of the plugin `scaleway`. */
import type { Provider } from "../../engine/provider.ts";
import { BridgedProvider } from "../bridged.ts";
import type { Patience } from "../wait.ts";
import { alertManager } from "./alertManager.ts";
import { certificate } from "./certificate.ts";
import { connect, type Scaleway } from "./client.ts";
import { ip } from "./ip.ts";
import { loadBalancer } from "./loadBalancer.ts";
import { getPrivateNetwork, getVpc } from "./lookups.ts";
import { privateNetwork } from "./privateNetwork.ts";

export function scalewayProvider(env: NodeJS.ProcessEnv, patience?: Patience): Provider {
  return new BridgedProvider<Scaleway>({
    name: "scaleway",
    connect: (config) => connect(env, config, patience),
    resources: [loadBalancer, privateNetwork, certificate, ip, alertManager],
    functions: {
      "scaleway:network/getPrivateNetwork:getPrivateNetwork": getPrivateNetwork,
      "scaleway:network/getVpc:getVpc": getVpc,
    },
  });
}
