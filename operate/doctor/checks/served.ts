import { DIRECTORIES } from "../../../certificate/acme/limits.ts";
import { dnsNames } from "../../../certificate/chain.ts";
import { covers } from "../../../certificate/domain.ts";
import { normaliseSerial } from "../../../certificate/serial.ts";
import { authority } from "../../../config/naming.ts";
import type { EndpointConfig, StackConfig } from "../../../config/stackConfig.ts";
import { proxyFor, proxyVariable } from "../../../dynamic/environment.ts";
import { type Inspection, inspect } from "../../../frontend/handshake.ts";
import type { DeployedEndpoint, DeployedNetwork } from "../../deployed.ts";
import { type Check, type Finding, failed, list, ok, warning } from "../check.ts";

const DAY = 24 * 60 * 60 * 1000;
/** A certificate with less left than this share of its life, and not renewed, is late. */
const LATE = 1 / 4;
const PATIENCE = { connectTimeout: 3000, tlsTimeout: 5000 };

/** What is really served in each network: through its proxy where there is one, else directly. */
export const servedCheck: Check = {
  title: "What is served",
  async run({ config, deployed, env, now }) {
    const places = deployed.endpoints.flatMap((endpoint) => {
      const declared = config.endpoints.find(({ domain }) => domain === endpoint.domain);
      return declared && endpoint.served
        ? endpoint.networks.map((network) => ({ endpoint, declared, network }))
        : [];
    });
    if (places.length === 0) return [ok("nothing is made yet")];
    return await Promise.all(
      places.map(async ({ endpoint, declared, network }) => {
        const proxy = proxyFor(network.name, env);
        const seen = await inspect({
          ...{ address: network.address, port: endpoint.port },
          servername: nameIn(network, declared),
          proxy,
          ...PATIENCE,
        });
        return judge(seen, {
          endpoint,
          declared,
          network,
          config,
          now,
          hasProxy: proxy !== undefined,
        });
      }),
    );
  },
};

interface Place {
  endpoint: DeployedEndpoint;
  declared: EndpointConfig;
  network: DeployedNetwork;
  config: StackConfig;
  now: Date;
  hasProxy: boolean;
}

/** The name that clients of that network ask for. */
function nameIn({ name }: DeployedNetwork, { domain, names }: EndpointConfig): string {
  return names.find((each) => each.network === name)?.name ?? domain;
}

function judge(seen: Inspection, place: Place): Finding {
  const { endpoint, declared, network, config, now, hasProxy } = place;
  const name = authority(nameIn(network, declared), endpoint.port);
  const where = `${name} (${network.address} in ${network.name})`;
  if (seen.kind === "unreachable")
    return warning(
      `${where} is not reachable from here: ${seen.seen}`,
      hasProxy
        ? `Look whether the load balancer is there and attached (Cloud controller manager), and whether ${proxyVariable(network.name)} names a proxy in that network`
        : `Run in the network, or set ${proxyVariable(network.name)} to the URL of an HTTP proxy there`,
    );
  if (seen.kind === "failed")
    return failed(`${where} gives no TLS handshake: ${seen.seen}`, "See Cloud controller manager");
  const { certificate, distrust } = seen;
  const serial = normaliseSerial(certificate.serialNumber);
  const wanted = normaliseSerial(endpoint.served?.serial ?? "");
  if (serial !== wanted)
    return failed(
      `${where} serves ${serial}, and the state has ${wanted}`,
      "Run a refresh, then `up`",
    );
  const missing = declared.names
    .map(({ name }) => name)
    .filter((name) => !dnsNames(certificate).some((san) => covers(san, name)));
  if (missing.length > 0)
    return failed(
      `the certificate of ${where} lacks ${list(missing)}`,
      "Run `up`, which issues another",
    );
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  const left = to - now.getTime();
  const days = `${(left / DAY).toFixed(1)} days left`;
  if (left <= 0) return failed(`the certificate of ${where} has expired`, "Run `npm run renew`");
  if (!certificate.issuerCertificate)
    return failed(
      `${where} serves no issuer with its certificate`,
      "Give the whole chain in `certificate.chain`",
    );
  if (distrust && config.acmeDirectory !== DIRECTORIES["letsencrypt-staging"])
    return warning(
      `the certificate of ${where} is not trusted here (${distrust})`,
      "Give clients the authority's root, or use one that they trust; NODE_EXTRA_CA_CERTS tells it to this command",
    );
  if (left < LATE * (to - from))
    return warning(
      `the certificate of ${where} has ${days}`,
      "Look why `npm run renew` does not renew it",
    );
  return ok(`${where} serves ${serial}, its chain and names are right, ${days}`);
}
