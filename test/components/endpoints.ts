/** Endpoints of the stack `prod`, recorded as the program makes them. */
import { Provider } from "@pulumi/kubernetes/provider.js";
import { AcmeAccount } from "../../components/acmeAccount.ts";
import { type Inventory, officialInventory } from "../../components/inventory.ts";
import { findPlatform } from "../../components/platform.ts";
import { PrivateEndpoint } from "../../components/privateEndpoint.ts";
import { sharedLoadBalancers } from "../../components/sharedLoadBalancer.ts";
import type { EndpointImport } from "../../config/adoption.ts";
import type { StackConfig } from "../../config/stackConfig.ts";
import { type Recording, record } from "./recorder.ts";

const inventory: Inventory = { ...officialInventory, kubeContexts: async () => ["production"] };

/** @param existing what the endpoints take up of what there is */
export function recordEndpoints(
  config: StackConfig,
  existing?: EndpointImport,
): Promise<Recording<PrivateEndpoint[]>> {
  return record(async () => {
    const platform = await findPlatform(config, inventory);
    const account = new AcmeAccount("acme", { directory: "d", email: "e" });
    const kubernetes = new Provider("kubernetes", { context: config.kubeContext });
    const balancers = sharedLoadBalancers(config, platform);
    return config.endpoints.map((endpoint) => {
      const shared = balancers.get(endpoint.loadBalancer ?? "");
      return new PrivateEndpoint(
        endpoint.domain,
        { endpoint, environment: config, platform, account, shared, existing },
        { providers: { kubernetes } },
      );
    });
  });
}
