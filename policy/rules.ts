/** Isolation as code: pure functions, which the pack and the tests call alike. */

import { isProduction } from "../config/rules.ts";
import type { StackConfig } from "../config/stackConfig.ts";
import type { Declared, Rule } from "./rule.ts";
import { networkPolicies, privateServices, proxyProtocolClosed } from "./rules/cluster.ts";
import {
  noPublicAddress,
  onlyDeclaredNetworks,
  privateRecords,
  reservedRecords,
} from "./rules/network.ts";
import { acmeProduction, noPlainSecret } from "./rules/secrets.ts";

export const rules: Rule[] = [
  noPublicAddress,
  onlyDeclaredNetworks,
  privateRecords,
  reservedRecords,
  privateServices,
  networkPolicies,
  proxyProtocolClosed,
  acmeProduction,
  noPlainSecret,
];

export function declaredBy(config: StackConfig): Declared {
  const { environment, allowLetsEncryptProduction, endpoints } = config;
  return {
    environment,
    production: isProduction(environment) || allowLetsEncryptProduction,
    // Named as components/privateNetworkAttachments.ts does.
    attachments: new Map(
      endpoints.flatMap(({ domain, loadBalancer = domain, networks }) =>
        networks.map(({ network }) => [`${loadBalancer}-${network}`, network] as const),
      ),
    ),
  };
}
