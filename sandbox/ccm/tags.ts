/** Tags of a load balancer as labels of its Service: https://github.com/scaleway/scaleway-cloud-controller-manager/blob/main/docs/tags.md */
import type { V1Service } from "@kubernetes/client-node";

const PREFIX = "k8s.scaleway.com/";
const NO_PREFIX = "noprefix=";
const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const DNS_PREFIX = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const LONGEST = 63;

/** `key=value`, `key:value` or `key`; `undefined` for what is no label. */
export function labelOf(tag: string): [key: string, value: string] | undefined {
  let prefix = PREFIX;
  let rest = tag;
  if (tag.startsWith(NO_PREFIX)) {
    const [name = "", domain, ...more] = tag.slice(NO_PREFIX.length).split("/").reverse();
    if (more.length > 0 || (domain !== undefined && !DNS_PREFIX.test(domain))) return undefined;
    prefix = domain === undefined ? "" : `${domain}/`;
    rest = name;
  }
  const [key = "", value = ""] = rest.split(/[:= ]+/);
  const valid = (text: string) => text.length <= LONGEST && NAME.test(text);
  return valid(key) && (value === "" || valid(value)) ? [prefix + key, value] : undefined;
}

/** Labels to set, and (as `null`) to remove; empty when all is as it should be. */
export function labelChanges(service: V1Service, tags: string[]): Record<string, string | null> {
  const is = service.metadata?.labels ?? {};
  const wanted = new Map(tags.map(labelOf).filter((label) => label !== undefined));
  const changes: Record<string, string | null> = {};
  for (const [key, value] of wanted) if (is[key] !== value) changes[key] = value;
  for (const key of Object.keys(is)) {
    if (key.startsWith(PREFIX) && !wanted.has(key)) changes[key] = null;
  }
  return changes;
}
