/** The state of the sandbox's Scaleway: records by id, settings, time and who wants to know of changes. */
import { randomUUID } from "node:crypto";
import { LEAST_SETS } from "../../../privileges/scaleway.ts";
import type { AlertManager } from "./cockpit.ts";
import type { Cluster, GatewayNetwork, Pool, SecurityGroup } from "./kapsule.ts";
import type {
  Acl,
  Attachment,
  Backend,
  Certificate,
  Frontend,
  Ip,
  LoadBalancer,
  PrivateNetwork,
  PublicIp,
  Server,
  Timestamps,
  Vpc,
} from "./records.ts";

export type Access = "full" | "read" | "none";

/** What a test may change while the API runs. Times in milliseconds. */
export interface Settings {
  /** From a load balancer's creation or migration to `ready`. @default 0 */
  lbReadyAfter: number;
  /** How long a deleted load balancer still answers, as `to_delete`. @default 0 */
  lbDeletedAfter: number;
  /** From an attachment to its `ready`. @default 0 */
  attachmentReadyAfter: number;
  /** Status of certificates made from now on. @default "ready" */
  certificateStatus: "ready" | "pending" | "error";
  /** From a pending certificate to `ready`; never, when absent. */
  certificateReadyAfter?: number;
  /** What API keys may do at most, per product. @default full access */
  access: Partial<Record<Product, Access>>;
  /** From an alert rule's switch to its new status, `enabled` or `disabled`. @default 0 */
  alertRuleAfter: number;
  /** IAM permission sets of the limited API key. @default the least that the program needs */
  permissionSets: string[];
  /** ISO 8601; absent: the API key never expires. */
  keyExpiresAt?: string;
  /** Limits by the name of the quota. */
  quota: Record<string, number>;
}

/** The APIs, by the first part of their paths. */
export const PRODUCTS = [
  "lb",
  "ipam",
  "vpc",
  "instance",
  "k8s",
  "vpc-gw",
  "iam",
  "cockpit",
] as const;
export type Product = (typeof PRODUCTS)[number];

export interface Owner {
  projectId: string;
  organizationId: string;
}

export class Store {
  readonly owner: Owner;
  /** Projects that the API key sees. */
  readonly projects: Set<string>;
  readonly settings: Settings = {
    lbReadyAfter: 0,
    lbDeletedAfter: 0,
    attachmentReadyAfter: 0,
    alertRuleAfter: 0,
    certificateStatus: "ready",
    access: {},
    permissionSets: [...LEAST_SETS],
    quota: { lb_lbs: 50 },
  };

  readonly vpcs = new Map<string, Vpc>();
  readonly privateNetworks = new Map<string, PrivateNetwork>();
  readonly ips = new Map<string, Ip>();
  readonly servers = new Map<string, Server>();
  readonly securityGroups = new Map<string, SecurityGroup>();
  readonly clusters = new Map<string, Cluster>();
  readonly pools = new Map<string, Pool>();
  readonly gatewayNetworks = new Map<string, GatewayNetwork>();
  readonly publicIps = new Map<string, PublicIp>();
  readonly loadBalancers = new Map<string, LoadBalancer>();
  readonly backends = new Map<string, Backend>();
  readonly frontends = new Map<string, Frontend>();
  readonly certificates = new Map<string, Certificate>();
  readonly acls = new Map<string, Acl>();
  /** Cockpit's, by `<region>/<project>`. */
  readonly alertManagers = new Map<string, AlertManager>();
  /** In the order of attachment. */
  attachments: Attachment[] = [];

  readonly #listeners = new Set<() => void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #lastMicros = 0;
  #changes = 0;
  readonly #changesOf = new Map<string, number>();

  constructor(owner: Owner) {
    this.owner = owner;
    this.projects = new Set([owner.projectId]);
  }

  newId(): string {
    return randomUUID();
  }

  /** ISO 8601 in microseconds, each later than the one before: lists are ordered by it. */
  now(): string {
    const micros = Math.round((performance.timeOrigin + performance.now()) * 1000);
    this.#lastMicros = Math.max(micros, this.#lastMicros + 1);
    const text = new Date(Math.floor(this.#lastMicros / 1000)).toISOString();
    return text.replace("Z", `${String(this.#lastMicros % 1000).padStart(3, "0")}Z`);
  }

  stamps(): Timestamps {
    const now = this.now();
    return { created_at: now, updated_at: now };
  }

  /**
   * Tells all listeners; to be called once a change is complete, so that no one sees half of it.
   * @param of id of the only load balancer that the change may concern, or of what is none. @default any one
   */
  changed(record?: Timestamps, of?: string): void {
    if (record) record.updated_at = this.now();
    if (of === undefined) this.#changes++;
    else this.#changesOf.set(of, (this.#changesOf.get(of) ?? 0) + 1);
    for (const listener of this.#listeners) listener();
  }

  /** Another number after each change that may concern the load balancer. */
  version(balancer: string): number {
    return this.#changes + (this.#changesOf.get(balancer) ?? 0);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Runs `action` after `delay` milliseconds, at once when that is 0; not any more after `close`. */
  after(delay: number, action: () => void): void {
    if (delay <= 0) {
      action();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, delay);
    this.#timers.add(timer);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#listeners.clear();
  }
}

/** An Ethernet address as Scaleway's, upper case as IPAM shows it. */
export function newMacAddress(): string {
  const hex = randomUUID().replaceAll("-", "").slice(0, 6).toUpperCase();
  return `02:00:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`;
}
