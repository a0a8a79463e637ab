/**
 * Every physical name, and every limit that the systems set for names. Pure: what is named and checked here
 * is only declared elsewhere.
 */

/** The load balancer's name is the first label of `<name>.<network>.internal`: RFC 1035, section 2.3.4. */
export const LOAD_BALANCER_NAME_MAX = 63;

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#rfc-1035-label-names */
export const SERVICE_NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
export const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** RFC 6335, section 5.1, as Kubernetes asks of a port's name: at most 15 characters, one letter among them. */
export const PORT_NAME = /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/;

/** Characters of a name whose challenge's name, `_acme-challenge.<name>`, has at most 253 (RFC 1035, section 2.3.4). */
export const CHALLENGED_NAME_MAX = 253 - "_acme-challenge.".length;

/** Characters that Cloudflare's smallest plan allows in a record's comment. */
export const RECORD_COMMENT_MAX = 100;

/** RFC 9110, section 4.2.2. */
export const HTTPS_PORT = 443;

/** Networks that Scaleway attaches to one load balancer, at most. */
export const NETWORKS_PER_LOAD_BALANCER = 8;

/** https://www.pulumi.com/docs/iac/concepts/stacks/#create-stack */
const STACK_NAME = /^(?=.*\w)[\w.-]{1,100}$/;

/** It becomes a part of paths: of the stack's file, of what adoption writes. @throws Error when it could lead elsewhere */
export function requireStackName(stack: string): void {
  if (STACK_NAME.test(stack)) return;
  const shown = JSON.stringify(stack.slice(0, 100));
  throw new Error(`a stack's name has only letters, digits, "_", "-" and "."; got ${shown}`);
}

/** `fr-par` for `fr-par-1`. */
export function regionOf(zone: string): string {
  return zone.replace(/-\d+$/, "");
}

/** The domain without its DNS zone, as one DNS label: `a-b` for a.b.example.com, `example-com` for the zone itself. */
export function domainLabel(domain: string, dnsZone: string): string {
  const label = domain === dnsZone ? domain : domain.slice(0, -dnsZone.length - 1);
  return label.replaceAll(".", "-");
}

/** `private-lb-prod-test` for test.example.com in example.com. The CCM refuses names that begin with the cluster's id. */
export function loadBalancerName(environment: string, domain: string, dnsZone: string): string {
  return `private-lb-${environment}-${domainLabel(domain, dnsZone)}`;
}

/** `private-lb-prod-tools` for one that several endpoints share by the name tools. */
export function sharedLoadBalancerName(environment: string, name: string): string {
  return `private-lb-${environment}-${name}`;
}

/** `test.example.com`, and `test.example.com:8443` on another port than that of HTTPS: RFC 3986, section 3.2. */
export function authority(domain: string, port: number): string {
  return port === HTTPS_PORT ? domain : `${domain}:${port}`;
}

/** The name under which the network itself resolves the load balancer. */
export function internalName(loadBalancer: string, network: string): string {
  return `${loadBalancer}.${network}.internal`;
}

/** `test-lb-private` for test.example.com in example.com. */
export function defaultServiceName(domain: string, dnsZone: string): string {
  return `${domainLabel(domain, dnsZone)}-lb-private`;
}

/**
 * Tags of the load balancer and its addresses. The CCM copies a load balancer's tags `key=value` to labels of
 * the Service, so the values keep to a label's characters: no `/`.
 */
export function tags(owner: Owner, environment: string, domain: string): string[] {
  return [`environment=${environment}`, `domain=${domain}`, stackTag(owner)];
}

/** Tags of a load balancer that several endpoints share, and of its addresses. */
export function sharedTags(owner: Owner, environment: string, name: string): string[] {
  return [`environment=${environment}`, `load-balancer=${name}`, stackTag(owner)];
}

/** The tag by which a stack finds what is its own. */
export function stackTag({ project, stack }: Owner): string {
  return `stack=${project}.${stack}`;
}

/** The stack that owns what carries this mark. */
export interface Owner {
  project: string;
  stack: string;
}

/** `private-lb/prod`: in the comments of records. */
export function ownerName({ project, stack }: Owner): string {
  return `${project}/${stack}`;
}

/** What a person finds at the A record in Cloudflare's dashboard. */
export function recordComment(owner: Owner, loadBalancer: string): string {
  return `${ownerName(owner)}: ${loadBalancer}`.slice(0, RECORD_COMMENT_MAX);
}

/**
 * `test.example.com-2026-12-14-89abcdef`: name, first day and the end of the serial, so that each renewal has
 * its own and a person sees in a list which one is which.
 *
 * @param notBefore ISO 8601
 * @param serial hex
 */
export function certificateName(primary: string, notBefore: string, serial: string): string {
  return `${primary}-${notBefore.slice(0, 10)}-${serial.slice(-8)}`;
}

/** Whether a certificate on a load balancer has a name that {@link certificateName} gives for `primary`. */
export function isCertificateName(primary: string, name: string): boolean {
  const rest = name.startsWith(`${primary}-`) ? name.slice(primary.length + 1) : "";
  return /^\d{4}-\d{2}-\d{2}-[0-9a-f]{1,8}$/.test(rest);
}
