/** In plain words: what the first `up` changes, what it keeps, and what it does not know of. */
import { zoneOf } from "../../certificate/domain.ts";
import { loadBalancerName, sharedLoadBalancerName } from "../../config/naming.ts";
import { SCALEWAY } from "./clusterSurvey.ts";
import type { Parts } from "./proposal.ts";
import { treatmentOf } from "./treatment.ts";

interface Words {
  keeps: string[];
  changes: string[];
  notes: string[];
}

/** Those that the program sets; what it says of the others is in components/ccmAnnotations.ts. */
const SET = [
  "externally-managed",
  "id",
  "zone",
  "private",
  "private-ip-ids",
  "ip-mode",
  "health-check-from-service",
  "enable-http3",
  "protocol-http",
  "certificate-ids",
];

export function changesOf(parts: Parts): Words {
  const words = [balancerWords, addressWords, serviceWords, frontendWords, nameWords, restWords];
  const all = words.map((each) => each(parts));
  const of = (key: keyof Words) => all.flatMap((each) => each[key] ?? []);
  return { keeps: of("keeps"), changes: of("changes"), notes: of("notes") };
}

function balancerWords({ found, settings, domain, isOwn }: Parts): Partial<Words> {
  const { balancer, sharedAs } = found;
  const { environment, dnsZones } = settings;
  const dnsZone = zoneOf(domain, dnsZones)?.name ?? domain;
  const name =
    sharedAs === undefined
      ? loadBalancerName(environment, domain, dnsZone)
      : sharedLoadBalancerName(environment, sharedAs);
  return {
    keeps: [`load balancer ${balancer.name} (${balancer.id})`],
    changes: [
      ...(balancer.name === name
        ? []
        : [
            `The load balancer is renamed from ${balancer.name} to ${name}: its name inside the networks (<name>.<network>.internal) changes.`,
          ]),
      ...(isOwn
        ? []
        : [
            `The load balancer and its addresses get tags and a description.${
              balancer.tags.length > 0 ? ` The tags ${balancer.tags.join(", ")} go.` : ""
            }`,
          ]),
    ],
  };
}

function addressWords({ found: { attachments }, names }: Parts): Partial<Words> {
  const isDeclared = (network: string) => names.some((each) => each.network === network);
  return {
    keeps: attachments
      .filter(({ networkName }) => isDeclared(networkName))
      .map(({ address, networkName }) => `address ${address} in the network ${networkName}`),
    notes: attachments
      .filter(({ networkName }) => !isDeclared(networkName))
      .map(
        ({ networkName, networkId, address }) =>
          `The network ${networkName || networkId} stays attached (${address}) and is not declared: no record leads there by a name of the certificate. Declare it under alsoFrom with a name of its own, or detach it.`,
      ),
  };
}

function serviceWords({ found, service, hasPolicy, frontend }: Parts): Partial<Words> {
  const { metadata, spec } = service;
  const isHttp = frontend?.backend?.forwardProtocol === "http";
  const name = `Service ${metadata?.namespace}/${metadata?.name}`;
  const given = Object.keys(metadata?.annotations ?? {}).filter((key) => key.startsWith(SCALEWAY));
  const names = given.map((key) => key.slice(SCALEWAY.length));
  const unset = [
    ...(isHttp ? [] : ["protocol-http"]),
    ...(found.declared?.isPassthrough ? ["certificate-ids"] : []),
  ];
  const wanted = SET.filter((key) => !unset.includes(key));
  const missing = wanted.filter((key) => !names.includes(key));
  const { kept } = treatmentOf(service);
  const others = names.filter((key) => !SET.includes(key) && !kept.includes(key));
  return {
    keeps: [`${name} and its uid`],
    changes: [
      ...(missing.length > 0 ? [`${name} gets the annotations ${missing.join(", ")}.`] : []),
      ...(others.length > 0
        ? [
            `${name} has the annotations ${others.join(", ")}, which its setting does not say: they may go. Look at them first; docs/load-balancer.md has the options.`,
          ]
        : []),
      ...(spec?.externalTrafficPolicy === "Local"
        ? []
        : [
            `${name} gets externalTrafficPolicy Local: only nodes with a pod take its connections.`,
          ]),
    ],
    notes: hasPolicy
      ? [`The NetworkPolicy of the same name is taken over, and admits the network then.`]
      : [
          "No NetworkPolicy is made (networkPolicy: off), as nothing closes the pods today. Leave the line out to close them.",
        ],
  };
}

function frontendWords({ found, frontend, certificate, service }: Parts): Partial<Words> {
  const prefix = `${service.metadata?.uid}_`;
  const foreign = found.frontends.filter(
    ({ id, name }) => id !== frontend?.id && !name.startsWith(prefix),
  );
  const unused = found.certificates.filter(({ id }) => id !== certificate?.id);
  const second = (frontend?.certificateIds.length ?? 0) > 1;
  return {
    changes: [
      ...(frontend?.enableHttp3 && frontend.backend?.forwardProtocol !== "http"
        ? ["HTTP/3 is switched off on its frontends: it needs backendProtocol http."]
        : []),
      ...(second
        ? [`Its frontend of port ${found.port} keeps the first of its certificates only.`]
        : []),
    ],
    notes: [
      ...foreign.map(
        ({ name, inboundPort }) =>
          `The frontend ${name} (port ${inboundPort}) is nobody's: it stays, and would keep the load balancer from being destroyed in order.`,
      ),
      ...unused.map(
        ({ name, id }) =>
          `The certificate ${name} (${id}) is not the one in use: it stays. Delete it when no frontend holds it.`,
      ),
    ],
  };
}

function nameWords({ found: { records }, names, isOwn }: Parts): Partial<Words> {
  const declared = names.flatMap((each) => each.names);
  const recorded = records.filter(({ name }) => declared.includes(name));
  const missing = declared.filter((name) => !recorded.some((record) => record.name === name));
  return {
    keeps: recorded.map(({ name, content }) => `A record ${name} to ${content}`),
    changes: [
      ...(isOwn ? [] : recorded).map(
        ({ name, ttl }) =>
          `The A record ${name} gets a comment${ttl === 1 ? "" : ` and an automatic TTL (now ${ttl} s)`}.`,
      ),
      ...missing.map((name) => `An A record ${name} is made: there is none.`),
    ],
    notes: records
      .filter(({ name }) => !declared.includes(name))
      .map(
        ({ name, content }) =>
          `The A record ${name} to ${content} is not declared: the certificate does not have the name, or the network has another. As an alias it asks for a new certificate.`,
      ),
  };
}

function restWords({ chain, certificate, isOwn }: Parts): Partial<Words> {
  if (!certificate || chain === undefined || isOwn) return {};
  return {
    changes: [
      `The certificate ${certificate.name} gets a name with the end of its serial; its id stays, and no certificate is issued.`,
    ],
  };
}
