/**
 * What exists already and is to be imported at an endpoint's first `up`: the file that `npm run adopt` writes. The
 * program reads it where PRIVATE_LB_IMPORT names it, so that it is a matter of one run and nothing of it stays in the
 * stack's configuration. Pulumi's own `pulumi import` cannot do it: it needs the provider of the cluster in the state
 * before the first `up`, and it does not know what the program wants of a certificate whose key nobody can read.
 */
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { certificatesOf } from "../certificate/pem.ts";
import { chainRule, pemRule } from "./certificate.ts";
import { faultOf } from "./faults.ts";
import { ConfigurationError, type EndpointConfig } from "./stackConfig.ts";

export const IMPORT_VARIABLE = "PRIVATE_LB_IMPORT";

const id = () => z.string().min(1, "must not be empty");

const certificate = z.strictObject({
  /** `<zone>/<uuid>` */
  id: id(),
  /** PEM, the certificate first, as it is served. */
  chain: z.string().superRefine((chain, context) => {
    const fault = pemRule(chain);
    if (fault) context.addIssue({ code: "custom", message: `must hold certificates: ${fault}` });
  }),
});

const endpoint = z.strictObject({
  /** `<zone>/<uuid>` */
  loadBalancer: id(),
  /** By network: IPAM's address, `<region>/<uuid>`, and the attachment, `<zone>/<load balancer>/<network>`. */
  networks: z.record(z.string(), z.strictObject({ address: id(), attachment: id() })),
  /** `<namespace>/<name>` */
  service: id(),
  /** `<namespace>/<name>` */
  networkPolicy: id().optional(),
  /** By name: `<zone>/<record>`. */
  records: z.record(z.string(), id()),
  certificate: certificate.optional(),
});

const file = z.strictObject({
  /** The stack that it was written for. */
  stack: id(),
  /** By domain. */
  endpoints: z.record(z.string(), endpoint),
});

export type EndpointImport = z.output<typeof endpoint>;
export type ImportFile = z.output<typeof file>;

/**
 * What this run imports, by domain; nothing without the variable.
 *
 * @throws ConfigurationError with every fault of the file, as against the stack's endpoints
 */
export function loadImports(
  stack: string,
  endpoints: EndpointConfig[],
  env: NodeJS.ProcessEnv = process.env,
  now = new Date(),
): Record<string, EndpointImport> {
  const name = env[IMPORT_VARIABLE];
  if (!name) return {};
  const given = read(name);
  const parsed = file.safeParse(given);
  if (!parsed.success)
    throw new ConfigurationError(parsed.error.issues.map((issue) => faultOf(issue, given, [name])));
  const faults = [
    ...(parsed.data.stack === stack
      ? []
      : [{ path: name, rule: `must be of the stack ${stack}`, got: parsed.data.stack }]),
    ...Object.entries(parsed.data.endpoints).flatMap(([domain, found]) => {
      const rule =
        ruleBroken(domain, found, endpoints, now) ??
        sharingBroken(domain, parsed.data.endpoints, endpoints);
      return rule ? [{ path: `${name}: ${domain}`, rule }] : [];
    }),
  ];
  if (faults.length > 0) throw new ConfigurationError(faults);
  return parsed.data.endpoints;
}

function read(name: string): unknown {
  try {
    return JSON.parse(readFileSync(name, "utf8"));
  } catch (error) {
    throw new pulumi.RunError(
      `${IMPORT_VARIABLE} names ${name}, which cannot be read: ${(error as Error).message}`,
    );
  }
}

function ruleBroken(
  domain: string,
  { certificate }: EndpointImport,
  endpoints: EndpointConfig[],
  now: Date,
): string | undefined {
  const declared = endpoints.find((each) => each.domain === domain);
  if (!declared) return "must be the domain of an endpoint of the stack";
  if (!certificate) return undefined;
  if (declared.tls === "passthrough" || declared.certificate)
    return "must have no certificate to import: the endpoint's is not by ACME";
  const names = declared.names.map(({ name }) => name);
  return chainRule(certificatesOf(certificate.chain), names, now);
}

/** Those that share a load balancer by their settings are on the same one, and no others are. */
function sharingBroken(
  domain: string,
  imports: ImportFile["endpoints"],
  endpoints: EndpointConfig[],
): string | undefined {
  const nameOf = (one: string) => endpoints.find((each) => each.domain === one)?.loadBalancer;
  const name = nameOf(domain);
  for (const [other, { loadBalancer }] of Object.entries(imports)) {
    if (other === domain) continue;
    const shares = name !== undefined && nameOf(other) === name;
    const isSame = loadBalancer === imports[domain]?.loadBalancer;
    if (shares && !isSame) return `must be on the load balancer of ${other}, as both share ${name}`;
    if (!shares && isSame)
      return `must share the load balancer of ${other} by its setting, as it is on it`;
  }
  return undefined;
}
