/** What the options of an endpoint's load balancer can get wrong together. */
import type { Draft, Rule } from "./drafts.ts";
import type { Fault } from "./faults.ts";
import type { EndpointInput } from "./schema.ts";

export const balancingRules: Rule[] = [
  {
    says: "With a `proxyProtocol`, of the endpoint or of an extra port, `networkPolicy` is not off: who reaches the pods past the load balancer could forge a client's address.",
    faults: each(forgedHeaders),
  },
  {
    says: "`path`, `host`, `method` and `code` of a `healthCheck` go with the types http and https.",
    faults: each(checkOfHttp),
  },
  {
    says: "`stickySessions: cookie` goes with the backend protocol http and without extra ports, which are plain TCP; `stickySessionsCookie` goes with it.",
    faults: each(cookieOfHttp),
  },
  {
    says: "`backendTls` goes with the backend protocol http.",
    faults: each(backendTlsOfHttp),
  },
  {
    says: "With `tls: passthrough` there is no `tlsCompatibility`: the pods end TLS.",
    faults: each(levelOfOffload),
  },
];

/** A rule that looks at one endpoint at a time; paths of its faults are those within the endpoint. */
function each(faultsOf: (endpoint: Partial<EndpointInput>) => Fault[]): Rule["faults"] {
  return (_, drafts: Draft[]) =>
    drafts.flatMap(({ path, endpoint }) =>
      faultsOf(endpoint).map((fault) => ({ ...fault, path: `${path}.${fault.path}` })),
    );
}

function forgedHeaders({ proxyProtocol, extraPorts = [], networkPolicy }: Partial<EndpointInput>) {
  const speaks = [proxyProtocol, ...extraPorts.map((extra) => extra.proxyProtocol)].includes("v2");
  if (!speaks || networkPolicy !== "off") return [];
  const rule = "must be network or load-balancer with a proxyProtocol: its headers could be forged";
  return [{ path: "networkPolicy", rule, got: "off" }];
}

function checkOfHttp({ healthCheck }: Partial<EndpointInput>): Fault[] {
  if (!healthCheck || healthCheck.type === "http" || healthCheck.type === "https") return [];
  return (["path", "host", "method", "code"] as const)
    .filter((key) => healthCheck[key] !== undefined)
    .map((key) => ({
      path: `healthCheck.${key}`,
      rule: `must be absent where the type is ${healthCheck.type}: it is of http and https`,
      got: String(healthCheck[key]),
    }));
}

function cookieOfHttp(endpoint: Partial<EndpointInput>): Fault[] {
  const { stickySessions, stickySessionsCookie, extraPorts = [] } = endpoint;
  if (stickySessions !== "cookie") {
    if (stickySessionsCookie === undefined) return [];
    const rule = "must be absent where stickySessions is not cookie";
    return [{ path: "stickySessionsCookie", rule, got: stickySessionsCookie }];
  }
  const fault = (why: string) => ({
    path: "stickySessions",
    rule: `must be table or none ${why}`,
    got: "cookie",
  });
  return [
    ...(isTcp(endpoint) ? [fault("where the backend protocol is tcp")] : []),
    ...(extraPorts.length > 0 ? [fault("where there are extraPorts, which are plain TCP")] : []),
  ];
}

function backendTlsOfHttp(endpoint: Partial<EndpointInput>): Fault[] {
  const { backendTls = "off" } = endpoint;
  if (backendTls === "off" || !isTcp(endpoint)) return [];
  const rule = "must be off where the backend protocol is tcp";
  return [{ path: "backendTls", rule, got: backendTls }];
}

function levelOfOffload({ tls, tlsCompatibility }: Partial<EndpointInput>): Fault[] {
  if (tls !== "passthrough" || !tlsCompatibility || tlsCompatibility === "intermediate") return [];
  const rule = "must be absent where tls is passthrough: the pods end TLS";
  return [{ path: "tlsCompatibility", rule, got: tlsCompatibility }];
}

function isTcp({ tls, backendProtocol }: Partial<EndpointInput>): boolean {
  return tls === "passthrough" || backendProtocol === "tcp";
}
