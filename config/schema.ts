/**
 * The shape of a stack's configuration. What one value alone can get wrong is said here; what several say
 * together is in `rules.ts`. Every field is described: the reference is made from these descriptions.
 */
import { z } from "zod";
import { DIRECTORIES } from "../certificate/acme/limits.ts";
import { KEY_ROTATIONS } from "../certificate/change.ts";
import { domainRule, shownName, toAscii } from "../certificate/domain.ts";
import { parseDuration, parseShare } from "../certificate/duration.ts";
import { KEY_TYPES } from "../certificate/names.ts";
import { OBSERVING } from "../privileges/scaleway.ts";
import { balancingShape, proxyProtocol } from "./balancing.ts";
import { cockpitAlerts } from "./cockpit.ts";
import { lastOption, matching, seconds, strict, text } from "./fields.ts";
import { HTTPS_PORT, NAMESPACE, PORT_NAME, SERVICE_NAME } from "./naming.ts";
import { privateRangeRule } from "./ranges.ts";

/** By name, or as a URL. */
function isDirectory(value: string): boolean {
  return Object.hasOwn(DIRECTORIES, value) || (/^https:/.test(value) && URL.canParse(value));
}

const domain = (wildcard: "wildcard" | "host" = "host") =>
  z
    .string()
    .transform(toAscii)
    .superRefine((name, context) => {
      const rule = domainRule(name, wildcard);
      if (!rule) return;
      const both = shownName(name);
      context.addIssue({ code: "custom", message: both === name ? rule : `${rule}: ${both}` });
    });

const environmentName = () =>
  matching(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    "must consist of lower-case letters, digits and inner hyphens, and begin with a letter",
  );

const DURATION = "a duration, such as 90m, 12h or 21d";

const duration = () =>
  z.string().refine((value) => parseDuration(value) !== undefined, `must be ${DURATION}`);

const durationOrShare = () =>
  z
    .string()
    .refine(
      (value) => parseDuration(value) !== undefined || parseShare(value) !== undefined,
      `must be ${DURATION}, or a share of the lifetime between 0 and 1, such as 1/3 or 40%`,
    );

const port = () =>
  z
    .int("must be a port, 1 to 65535")
    .min(1, "must be a port, 1 to 65535")
    .max(65535, "must be a port, 1 to 65535");

/** 0 by default. */
const count = () => z.int("must be a whole number").min(0, "must be 0 or more").default(0);

const targetPort = () =>
  z.union([port(), matching(PORT_NAME, "must be a port")], {
    error: "must be a port, 1 to 65535, or the name of a port of the pods",
  });

export const dnsZone = strict({
  name: domain().describe("The zone's name."),
  id: matching(/^[0-9a-f]{32}$/, "must be the 32 hexadecimal digits of a Cloudflare zone's id")
    .optional()
    .describe("Its id, where the API token may not list zones."),
});

const accountBinding = strict({
  keyId: text().describe("Id of the key, from the authority."),
  hmacKey: text().describe("The key, base64url. To be set as a secret."),
});

export const peerNetwork = strict({
  network: text().describe("Name of the private network."),
  domain: domain().describe("The domain that resolves to the load balancer's address there."),
  address: z.ipv4("must be an IPv4 address").optional().describe("The address to reserve there."),
});

const extraPort = strict({
  name: matching(
    PORT_NAME,
    "must be a port name: at most 15 of a-z, 0-9 and inner hyphens",
  ).describe("Name of the port in the Service."),
  port: port().describe("Port on the load balancer."),
  targetPort: targetPort().optional().describe("Port of the pods. The same by default."),
  proxyProtocol: proxyProtocol("As `proxyProtocol` of the endpoint, for this port."),
});

const ownCertificate = strict({
  chain: text().describe("PEM, the certificate first, then its intermediates."),
  privateKey: text().describe("PEM, unencrypted. To be set as a secret."),
});

/** One private endpoint: its load balancer, its names, and the pods behind it. */
export const endpointShape = {
  domain: domain().describe("The name under which the endpoint is reached from its own network."),
  aliases: z
    .array(domain("wildcard"))
    .default([])
    .describe("Further names in the own network; `*.` wildcards are allowed."),
  alsoFrom: z
    .array(peerNetwork)
    .default([])
    .describe("Further private networks from which the endpoint is reached, each by its own name."),
  address: z
    .ipv4("must be an IPv4 address")
    .optional()
    .describe("The address to reserve in the own network. Any free one by default."),
  namespace: matching(NAMESPACE, "must be the name of a Kubernetes namespace").describe(
    "Kubernetes namespace of the pods.",
  ),
  selector: z
    .record(z.string(), text())
    .refine((labels) => Object.keys(labels).length > 0, "must name at least one label")
    .optional()
    .describe(
      "Labels that select the pods. By default app.kubernetes.io/name and app.kubernetes.io/instance, both the domain without its zone.",
    ),
  port: port()
    .default(HTTPS_PORT)
    .describe(
      "Port of HTTPS on the load balancer. Any other stands in the URL: `https://test.example.com:8443`.",
    ),
  targetPort: targetPort().default(80).describe("Port of the pods, as a number or a name."),
  extraPorts: z
    .array(extraPort)
    .default([])
    .describe("Further ports, forwarded as plain TCP, without TLS."),
  serviceName: matching(
    SERVICE_NAME,
    "must be the name of a Kubernetes Service: at most 63 of a-z, 0-9 and inner hyphens, a letter first",
  )
    .optional()
    .describe("Name of the Kubernetes Service. `<domain without its zone>-lb-private` by default."),
  loadBalancer: matching(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    "must be a name of lower-case letters, digits and inner hyphens",
  )
    .optional()
    .describe(
      "Name of a load balancer that endpoints of the stack share, each on a `port` of its own: those with the same name are on the same. Its own by default. Another one moves the endpoint, which is down until it is served there, at another address.",
    ),
  loadBalancerType: matching(
    /^LB-[A-Z0-9-]+$/,
    "must be a type of Scaleway's load balancers, such as LB-S",
  )
    .default("LB-S")
    .describe("Scaleway's load balancer type."),
  tls: z
    .enum(["offload", "passthrough"], "must be offload or passthrough")
    .default("offload")
    .describe(
      "`offload`: the load balancer ends TLS with the certificate. `passthrough`: the pods do, and no certificate is made.",
    ),
  backendProtocol: z
    .enum(["http", "tcp"], "must be http or tcp")
    .optional()
    .describe(
      "What the load balancer speaks to the pods. `http` by default, `tcp` in passthrough.",
    ),
  http3: z
    .boolean()
    .optional()
    .describe(
      "HTTP/3 beside HTTP/1.1 and HTTP/2. On by default where the backend protocol is http.",
    ),
  certificate: ownCertificate
    .optional()
    .describe("A certificate of one's own in the place of one by ACME. Renewing it is up to you."),
  sourceRanges: z
    .array(
      z.string().superRefine((range, context) => {
        const rule = privateRangeRule(range);
        if (rule) context.addIssue({ code: "custom", message: rule });
      }),
    )
    .default([])
    .describe("Private ranges whose clients the load balancer admits. All by default."),
  networkPolicy: z
    .enum(["network", "load-balancer", "off"], "must be network, load-balancer or off")
    .default("network")
    .describe(
      "Who may connect to the pods on these ports: the cluster's own private network, only the load balancer's address there, or anyone (`off`: no policy is made).",
    ),
  ...balancingShape,
  keyType: z
    .enum(KEY_TYPES, `must be one of ${KEY_TYPES.join(", ")}`)
    .default("ec256")
    .describe("Key of the certificate."),
  profile: text()
    .optional()
    .describe("ACME profile, such as classic, tlsserver or shortlived. The authority's default."),
  renewBefore: durationOrShare()
    .optional()
    .describe(
      "How long before its end the certificate is renewed, as a duration (`21d`) or a share of its lifetime (`1/3`, `40%`). By default when the authority asks for it (ACME renewal information); without that at one third of the lifetime, or one half of 10 days or less. Set, it can only be earlier than what the authority asks for.",
    ),
  keyRotation: z
    .enum(KEY_ROTATIONS, `must be ${KEY_ROTATIONS.join(" or ")}`)
    .default("always")
    .describe("Whether each renewal makes a new private key (`always`) or keeps it (`reuse`)."),
  renewalTrigger: text()
    .optional()
    .describe(
      "Any text, such as a date: another one than before makes the next `up` issue a new certificate with a new key. One that begins with `leak`, such as `leak-2026-11-21`, also has the old certificate revoked (keyCompromise) as soon as the new one is served; leave it there until a run has succeeded.",
    ),
};

/** What holds for all endpoints of the stack. */
export const settingsShape = {
  environment: environmentName().describe("Name of the environment; part of every physical name."),
  zone: matching(/^[a-z]{2}-[a-z]{3}-\d$/, "must be a Scaleway zone, such as fr-par-1")
    .default("fr-par-1")
    .describe("Scaleway zone of the load balancers."),
  network: text().describe("Name of the environment's own private network."),
  kubeContext: text().describe(
    "Context of the kubeconfig to use. Required, so that no environment lands in another's cluster. Another one moves the Services there; should that fail halfway, delete what is left in the old cluster by hand and run `pulumi up --refresh`.",
  ),
  acmeDirectory: z
    .string()
    .refine(isDirectory, `must be ${Object.keys(DIRECTORIES).join(", ")} or an https URL`)
    .describe("ACME directory: `letsencrypt`, `letsencrypt-staging`, or the URL of one."),
  acmeEmail: z.email("must be an e-mail address").describe("Contact address of the ACME account."),
  // Pulumi asks a value of every declared key: an empty object is none.
  acmeExternalAccountBinding: z
    .union([z.strictObject({}).transform(() => undefined), accountBinding], {
      error: "must hold keyId and hmacKey, both as text, and nothing else",
    })
    .optional()
    .describe(
      "External account binding (RFC 8555, section 7.3.4), where the authority asks for it.",
    ),
  allowLetsEncryptProduction: z
    .boolean()
    .default(false)
    .describe("Let an environment other than production use Let's Encrypt's production directory."),
  rehearse: z
    .string()
    .refine(
      (value) => value === "auto" || value === "never" || isDirectory(value),
      `must be auto, never, ${Object.keys(DIRECTORIES).join(", ")} or an https URL`,
    )
    .default("auto")
    .describe(
      "Where the first issuance of a certificate is gone through before, with the same names and an account that is thrown away, so that a wrong token costs none of the failures that an authority allows: a directory as in `acmeDirectory`; `auto`, at `letsencrypt-staging` where `acmeDirectory` is `letsencrypt`, else not; or `never`.",
    ),
  dnsZones: z
    .array(dnsZone)
    .min(1, "must name at least one zone")
    .describe(
      "The Cloudflare zones of the endpoints' names: of each its name, and its id where needed.",
    ),
  propagationTimeout: seconds()
    .default(180)
    .describe("Seconds to wait until every name server shows a challenge's record."),
  renewalInterval: duration()
    .default("12h")
    .describe(
      "Time between two scheduled runs, as a duration. A certificate is renewed by the last run before it is due by the authority's wish, and never later than by the last run before its end. At most one day with the profile shortlived.",
    ),
  frontendTimeout: seconds()
    .default(120)
    .describe("Seconds to wait until the cluster's CCM has put a certificate on its frontend."),
  cockpitAlerts: z
    .union([z.record(z.string(), z.never()).transform(() => undefined), cockpitAlerts], {
      error: lastOption,
    })
    .optional()
    .describe(
      `Alerts of Scaleway's Cockpit on the load balancers of the project, off by default. The key needs ${OBSERVING} then. One stack of a project and region may have them: its \`destroy\` switches Cockpit's alert manager off for all of the project.`,
    ),
  maxIssuancesPerRun: count().describe(
    "How many certificates one run issues at most: of first ones those that stand first in `endpoints`, of renewals the soonest to end. An endpoint that has to wait for its first certificate is left out until a later `up`, and named; all others are served as they are. 0: as many as are due.",
  ),
  issuancesPerWeek: count().describe(
    "How many first certificates the authority issues under one registered domain in 7 days, where it has granted another number than is known of it. 0: Let's Encrypt's 50, and no bound at an authority of which nothing is known. A run that needs more is refused before it begins.",
  ),
  protect: z
    .enum(["in-production", "always", "never"], "must be in-production, always or never")
    .default("in-production")
    .describe(
      "Whether Pulumi refuses to delete load balancers and addresses: in the environments `prod` and `production`, always, or never.",
    ),
};

const endpointSchema = z.object(endpointShape);
const settingsSchema = z.object(settingsShape);

export type EndpointInput = z.output<typeof endpointSchema>;
export type Settings = z.output<typeof settingsSchema>;
