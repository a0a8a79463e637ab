/** One stack, one environment: every private endpoint that its configuration names. */
import { Provider } from "@pulumi/kubernetes/provider.js";
import { getStack } from "@pulumi/pulumi";
import { AcmeAccount } from "./components/acmeAccount.ts";
import { admitEndpoints } from "./components/admission.ts";
import { CockpitAlerts } from "./components/cockpitAlerts.ts";
import { adviseOnFailures } from "./components/failureAdvice.ts";
import { warnOfSharedVpcs } from "./components/isolation.ts";
import { announceLoadBalancers } from "./components/loadBalancerCount.ts";
import { requireLoadedCertificates } from "./components/loadedCertificate.ts";
import { loadEnvironment } from "./components/platform.ts";
import { PrivateEndpoint } from "./components/privateEndpoint.ts";
import { cutSdkCosts } from "./components/sdkCosts.ts";
import { sharedLoadBalancers } from "./components/sharedLoadBalancer.ts";
import { loadImports } from "./config/adoption.ts";
import { regionOf } from "./config/naming.ts";
import { dropEchoes } from "./dynamic/echoes.ts";

cutSdkCosts();
dropEchoes();

const { config, platform } = await loadEnvironment();
const imports = loadImports(getStack(), config.endpoints);
const imported = Object.keys(imports);
const { endpoints: admitted, bounds } = await admitEndpoints(config, platform, { imported });
const announced = announceLoadBalancers({ ...config, endpoints: admitted }, imported);
adviseOnFailures();
requireLoadedCertificates();
const warned = warnOfSharedVpcs(platform, config.zone);

const kubernetes = new Provider("kubernetes", {
  context: config.kubeContext,
  // Empty, the plugin itself loads the run's kubeconfig (KUBECONFIG, or ~/.kube/config), so that the state holds
  // no path and no credentials, and a rotated token is no change.
  kubeconfig: "",
  // Another context is another cluster: everything is made anew there. Without this the plugin compares the
  // kubeconfigs of before and now, and sees none.
  clusterIdentifier: config.kubeContext,
});

const account = new AcmeAccount("acme", {
  directory: config.acmeDirectory,
  email: config.acmeEmail,
  externalAccountBinding: config.acmeExternalAccountBinding,
});

const balancers = sharedLoadBalancers(config, platform, imports);

const made = admitted.map((endpoint) => {
  const shared = balancers.get(endpoint.loadBalancer ?? "");
  const { url, addresses, expiry, serial, loadBalancerId } = new PrivateEndpoint(
    endpoint.domain,
    {
      ...{ endpoint, environment: config, platform, account, shared, bounds },
      existing: imports[endpoint.domain],
    },
    { providers: { kubernetes } },
  );
  return [endpoint.domain, { url, addresses, expiry, serial, loadBalancerId }];
});

if (config.cockpitAlerts)
  new CockpitAlerts("cockpit", { ...config.cockpitAlerts, region: regionOf(config.zone) });

/** By domain: url, address per network, end and serial of the certificate, load balancer. */
export const endpoints = Object.fromEntries(made);

await Promise.all([warned, announced]);
