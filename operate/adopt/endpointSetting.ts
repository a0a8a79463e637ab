/** An endpoint of the configuration as what was found has it; what is a default is left out. */
import { isDeepStrictEqual } from "node:util";
import type { V1ServicePort } from "@kubernetes/client-node";
import { zoneOf } from "../../certificate/domain.ts";
import { defaultServiceName, domainLabel, HTTPS_PORT } from "../../config/naming.ts";
import type { Parts } from "./proposal.ts";
import type { EndpointSetting } from "./stackFile.ts";
import { treatmentOf } from "./treatment.ts";

export function endpointOf({ found, settings, domain, names, ...parts }: Parts): EndpointSetting {
  const { metadata, spec } = parts.service;
  const { port, sharedAs } = found;
  const dnsZone = zoneOf(domain, settings.dnsZones)?.name ?? domain;
  const [own, ...others] = names;
  const aliases = own?.names.slice(1) ?? [];
  const alsoFrom = others.flatMap(({ network, names: [name] }) =>
    name === undefined ? [] : [{ network, domain: name }],
  );
  const label = domainLabel(domain, dnsZone);
  const usual = { "app.kubernetes.io/name": label, "app.kubernetes.io/instance": label };
  const type = found.balancer.type.toUpperCase();
  const targetPort = portOf(spec?.ports?.find((each) => each.port === port));
  const extraPorts = (spec?.ports ?? []).filter((each) => each.port !== port).map(extraPort);
  const level = found.balancer.sslCompatibilityLevel.replace("ssl_compatibility_level_", "");
  const sourceRanges = spec?.loadBalancerSourceRanges ?? [];
  return {
    domain,
    ...(aliases.length > 0 && { aliases }),
    ...(alsoFrom.length > 0 && { alsoFrom }),
    namespace: metadata?.namespace ?? "",
    ...(isDeepStrictEqual({ ...spec?.selector }, usual) ? {} : { selector: { ...spec?.selector } }),
    ...(port !== HTTPS_PORT && { port }),
    ...(targetPort !== 80 && { targetPort }),
    ...(extraPorts.length > 0 && { extraPorts }),
    ...(metadata?.name !== defaultServiceName(domain, dnsZone) && { serviceName: metadata?.name }),
    ...(sharedAs !== undefined && { loadBalancer: sharedAs }),
    ...(type !== "LB-S" && { loadBalancerType: type }),
    ...protocolOf(parts),
    ...(sourceRanges.length > 0 && { sourceRanges }),
    ...treatmentOf(parts.service).options,
    ...(level !== "intermediate" && level !== "unknown" && { tlsCompatibility: level }),
    // Nothing has closed the pods so far, and who else connects to them is not known here.
    ...(!parts.hasPolicy && { networkPolicy: "off" }),
  };
}

/** Without a setting a backend speaks TCP at the CCM, and HTTP here. */
function protocolOf({ frontend }: Pick<Parts, "frontend">) {
  const isHttp = frontend?.backend?.forwardProtocol === "http";
  if (!isHttp) return { backendProtocol: "tcp" };
  return frontend.enableHttp3 ? {} : { http3: false };
}

function extraPort(port: V1ServicePort) {
  const targetPort = portOf(port);
  return {
    name: port.name ?? `port-${port.port}`,
    port: port.port,
    ...(targetPort !== port.port && { targetPort }),
  };
}

/** The client's type says string or number; absent is the port itself. */
function portOf(port: V1ServicePort | undefined): string | number | undefined {
  return (port?.targetPort as string | number | undefined) ?? port?.port;
}
