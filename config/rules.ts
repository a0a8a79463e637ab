/** What the values of a configuration can get wrong together. Parts that are faulty by themselves are absent here. */
import { DIRECTORIES } from "../certificate/acme/limits.ts";
import { parseDuration } from "../certificate/duration.ts";
import { balancerRules } from "./balancerRules.ts";
import { balancingRules } from "./balancingRules.ts";
import { ownCertificateRule } from "./certificate.ts";
import { collisions, type Draft, placedNames, primary, type Rule } from "./drafts.ts";
import type { Fault } from "./faults.ts";
import { nameRules } from "./nameRules.ts";
import { defaultServiceName, NETWORKS_PER_LOAD_BALANCER, SERVICE_NAME } from "./naming.ts";
import type { Settings } from "./schema.ts";

const DAY = 24 * 60 * 60 * 1000;
const HTTPS = "https";

export function crossFaults(settings: Partial<Settings>, drafts: Draft[]): Fault[] {
  return rules.flatMap(({ faults }) => faults(settings, drafts));
}

export const rules: Rule[] = [
  {
    says: "Only the environments `prod` and `production` use Let's Encrypt's production directory, others with `allowLetsEncryptProduction`.",
    faults: letsEncryptProductionByOptIn,
  },
  {
    says: "`rehearse` is another directory than `acmeDirectory`.",
    faults: rehearsalElsewhere,
  },
  ...nameRules,
  ...balancerRules,
  {
    says: "`serviceName` is set where the name made from the domain is none for a Service, and no two endpoints of a namespace have the same.",
    faults: serviceNames,
  },
  {
    says: `An endpoint is reached from at most ${NETWORKS_PER_LOAD_BALANCER} networks, the own one among them, each named once.`,
    faults: networks,
  },
  {
    says: `The \`port\` and the \`name\` of an extra port are its own in the endpoint; its own \`port\` and ${HTTPS} are taken.`,
    faults: ports,
  },
  {
    says: "With `tls: passthrough` the backend protocol is tcp, and there is no `certificate`. With the backend protocol tcp there is no `http3`.",
    faults: protocols,
  },
  ...balancingRules,
  {
    says: "A `certificate` of one's own is valid now, has every name of the endpoint, and belongs to its key.",
    faults: ownCertificates,
  },
  {
    says: "With the profile shortlived `renewalInterval` is at most a day.",
    faults: shortlivedDaily,
  },
];

export function isProduction(environment: string): boolean {
  return environment === "prod" || environment === "production";
}

function letsEncryptProductionByOptIn(settings: Partial<Settings>): Fault[] {
  const { environment, acmeDirectory, allowLetsEncryptProduction } = settings;
  if (!environment || isProduction(environment) || allowLetsEncryptProduction) return [];
  const production = DIRECTORIES["letsencrypt"];
  if (acmeDirectory !== "letsencrypt" && acmeDirectory !== production) return [];
  const rule = `must be letsencrypt-staging in ${environment}, or allowLetsEncryptProduction be true: its limits are shared with production`;
  return [{ path: "acmeDirectory", rule, got: acmeDirectory }];
}

/** A rehearsal is to spare the very limits of the real directory. */
function rehearsalElsewhere({ acmeDirectory = "", rehearse = "" }: Partial<Settings>): Fault[] {
  const url = (directory: string) => DIRECTORIES[directory] ?? directory;
  if (!acmeDirectory || url(acmeDirectory) !== url(rehearse)) return [];
  const rule = "must be another directory than acmeDirectory, auto or never";
  return [{ path: "rehearse", rule, got: rehearse }];
}

/** Certificates of 160 hours are due at half of that: a slower schedule leaves no run to fail. */
function shortlivedDaily({ renewalInterval }: Partial<Settings>, drafts: Draft[]): Fault[] {
  const interval = renewalInterval && parseDuration(renewalInterval);
  if (!interval || interval <= DAY) return [];
  return drafts
    .filter(({ endpoint: { profile, tls, certificate } }) => {
      return profile === "shortlived" && tls !== "passthrough" && !certificate;
    })
    .map(({ path }) => ({
      path: `${path}.profile`,
      rule: "must not be shortlived where renewalInterval is longer than a day",
      got: `a renewalInterval of ${renewalInterval}`,
    }));
}

function serviceNames(settings: Partial<Settings>, drafts: Draft[]): Fault[] {
  const placed = drafts.flatMap((draft) => {
    const { domain, dnsZone } = primary(settings, draft);
    const { namespace, serviceName } = draft.endpoint;
    const name = serviceName ?? (domain && dnsZone && defaultServiceName(domain, dnsZone));
    return name ? [{ path: `${draft.path}.serviceName`, namespace, name }] : [];
  });
  const malformed = placed
    .filter(({ name }) => !SERVICE_NAME.test(name))
    .map(({ path, name }) => ({
      path,
      rule: "must be set: the name made from the domain is none for a Service, which has at most 63 characters and begins with a letter",
      got: name,
    }));
  const keys = placed
    .filter(({ namespace }) => namespace)
    .map(({ path, namespace, name }) => ({ path, key: `${namespace}/${name}` }));
  return [...malformed, ...collisions(keys, "must be a Service of its own")];
}

function networks({ network }: Partial<Settings>, drafts: Draft[]): Fault[] {
  return drafts.flatMap(({ path, endpoint: { alsoFrom = [] } }) => {
    const own = network ? [{ path: "network", key: network }] : [];
    const others = alsoFrom.map((peer, i) => ({
      path: `${path}.alsoFrom[${i}].network`,
      key: peer.network,
    }));
    const faults = collisions([...own, ...others], "must be a network of its own");
    if (alsoFrom.length + 1 <= NETWORKS_PER_LOAD_BALANCER) return faults;
    const rule = `must name at most ${NETWORKS_PER_LOAD_BALANCER - 1} networks: a load balancer has at most ${NETWORKS_PER_LOAD_BALANCER}, the own one among them`;
    return [...faults, { path: `${path}.alsoFrom`, rule, got: String(alsoFrom.length) }];
  });
}

function ports(_: Partial<Settings>, drafts: Draft[]): Fault[] {
  return drafts.flatMap(({ path, endpoint: { port: own, extraPorts = [] } }) => {
    const at = (i: number) => `${path}.extraPorts[${i}]`;
    const itself = { path: "the endpoint's own port https" };
    return [
      ...collisions(
        [
          ...(own === undefined ? [] : [{ ...itself, key: String(own) }]),
          ...extraPorts.map(({ port }, i) => ({ path: `${at(i)}.port`, key: String(port) })),
        ],
        "must be a port of its own",
      ),
      ...collisions(
        [
          { ...itself, key: HTTPS },
          ...extraPorts.map(({ name }, i) => ({ path: `${at(i)}.name`, key: name })),
        ],
        "must be a name of its own",
      ),
    ];
  });
}

function protocols(_: Partial<Settings>, drafts: Draft[]): Fault[] {
  return drafts.flatMap(({ path, endpoint }) => {
    const { tls, backendProtocol, http3, certificate } = endpoint;
    const passthrough = tls === "passthrough";
    const faults: Fault[] = [];
    if (passthrough && backendProtocol === "http")
      faults.push({ path: `${path}.backendProtocol`, rule: inPassthrough("be tcp"), got: "http" });
    if (passthrough && certificate)
      faults.push({ path: `${path}.certificate`, rule: inPassthrough("be absent") });
    if (http3 && (passthrough || backendProtocol === "tcp"))
      faults.push({
        path: `${path}.http3`,
        rule: "must be false where the backend protocol is tcp",
        got: "true",
      });
    return faults;
  });
}

function inPassthrough(what: string): string {
  return `must ${what} where tls is passthrough`;
}

function ownCertificates(_: Partial<Settings>, drafts: Draft[]): Fault[] {
  return drafts.flatMap((draft) => {
    const { certificate } = draft.endpoint;
    if (!certificate) return [];
    const names = placedNames(draft).map(({ key }) => key);
    const rule = ownCertificateRule(certificate, names);
    return rule ? [{ path: `${draft.path}.certificate`, rule }] : [];
  });
}
