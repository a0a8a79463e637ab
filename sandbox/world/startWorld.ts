/**
 * The whole sandbox: ACME, DNS, Cloudflare, Scaleway, a Kubernetes cluster with its CCM per environment and
 * the data plane, all in this process (Pebble excepted) and on loopback.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { DNS_EDIT, TOKEN_PERMISSIONS } from "../../privileges/cloudflare.ts";
import { ensurePebble } from "../acme/ensurePebble.ts";
import { type AcmeOptions, type AcmeServer, startAcme } from "../acme/server.ts";
import type { Ccm } from "../ccm/index.ts";
import { CallLog } from "../clouds/api.ts";
import type { Plan } from "../clouds/cloudflare/model.ts";
import { type Cloudflare, startCloudflare, type TokenScope } from "../clouds/cloudflare/server.ts";
import type { Intercept } from "../clouds/interceptors.ts";
import { type Cluster, type Kubeconfig, mergeKubeconfigs } from "../clouds/kubernetes/index.ts";
import { type ScalewayCloud, startScaleway } from "../clouds/scaleway/index.ts";
import { type DataPlane, startDataPlane } from "../dataplane/index.ts";
import { type Dns, startDns } from "../dns/server.ts";
import { writeCalls } from "./callFile.ts";
import type { Env } from "./envFile.ts";
import { dnsZones, environments, FOREIGN_ZONE } from "./fixtures.ts";
import { type Site, startSite } from "./site.ts";

export interface WorldOptions {
  /** Takes the files that tools are pointed at: kubeconfig, authorities. They go with the world. */
  folder: string;
  /** Takes a line for each API call. @default none is written */
  callFile?: string;
  /** Told what is being started. */
  onProgress?: (line: string) => void;
  /** ACME profiles with their lifetimes in seconds. @default Let's Encrypt's */
  profiles?: Record<string, number>;
  /** Domains that the certificate authority refuses, with all below them. @default none */
  blockedDomains?: string[];
  /** How capricious the certificate authority is. @default as Pebble is by itself */
  caprice?: Pick<AcmeOptions, "nonceReject" | "authorizationReuse">;
  /** Account key id to HMAC key (base64url), one of which an account then needs. @default none is needed */
  externalAccounts?: Record<string, string>;
  /** Of the zones: decides how many records one holds. @default "free" */
  cloudflarePlan?: Plan;
}

export interface World {
  /** Tells this world's lines in the file of calls from others'. */
  run: string;
  log: CallLog;
  acme: AcmeServer;
  dns: Dns;
  cloudflare: Cloudflare;
  scaleway: ScalewayCloud;
  dataPlane: DataPlane;
  /**
   * What the program, its providers and any other tool need to find and use the clouds, with the least rights. Of the
   * clusters there is an administrator's kubeconfig besides, PRIVATE_LB_ADMIN_KUBECONFIG: for adoption, and other hands.
   */
  env: Env;
  /** With all rights on the account at Scaleway, in the place of the limited key: for what other hands do. */
  owner: Env;
  /** PEM: what a client has to trust. */
  roots: string;
  cluster(environment: string): Cluster;
  ccm(environment: string): Ccm;
  /** The cluster as Scaleway's Kubernetes API has it, its pool and security group: to be changed as a test wants. */
  kapsule(environment: string): ReturnType<ScalewayCloud["kapsule"]>;
  /** The proxy of a client in that private network. */
  proxy(network: string): string;
  outsideProxy: string;
  /** Of every API at once. */
  intercept: Intercept;
  /** For people: what runs where. */
  addresses(): Record<string, string>;
  /** What stacks have made and not removed, by kind: the names of each. */
  leftovers(): Promise<Record<string, string[]>>;
  close(): Promise<void>;
}

/** Milliseconds in which a client that does not wait for `ready` is refused, as it would be for half a minute. */
const SETTLING = { lbReadyAfter: 150, attachmentReadyAfter: 50 };

export async function startWorld(options: WorldOptions): Promise<World> {
  const closing: (() => unknown)[] = [];
  const keep = <T extends { close(): unknown }>(part: T): T => {
    closing.unshift(() => part.close());
    return part;
  };
  const close = async () => {
    for (const each of closing.splice(0)) await each();
  };
  try {
    return await assemble(options, keep, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function assemble(
  options: WorldOptions,
  keep: <T extends { close(): unknown }>(part: T) => T,
  close: () => Promise<void>,
): Promise<World> {
  const { folder, callFile, onProgress, profiles, blockedDomains = [] } = options;
  const { caprice, externalAccounts, cloudflarePlan: plan = "free" } = options;
  const run = randomBytes(4).toString("hex");
  const log = new CallLog();
  if (callFile !== undefined) keep({ close: writeCalls(log, { file: callFile, run }) });
  const binary = await ensurePebble(onProgress ? { onProgress } : {});
  const cloudflare = keep(await startCloudflare({ log, zones: [...dnsZones, FOREIGN_ZONE], plan }));
  const dns = keep(await startDns({ zones: cloudflare.zones }));
  const acme = keep(
    await startAcme({
      log,
      dnsServer: await dns.aside(),
      binary,
      blockedDomains,
      ...caprice,
      ...(profiles && { profiles }),
      ...(externalAccounts && { externalAccounts }),
    }),
  );
  const identity = scalewayIdentity();
  const scaleway = keep(await startScaleway({ log, ...identity, limitedKey: scalewayKey() }));
  Object.assign(scaleway.settings, SETTLING);
  const access = { url: scaleway.url, ...identity };
  const sites = await Promise.all(
    environments.map(async (environment) =>
      keep(await startSite({ environment, scaleway, access, log })),
    ),
  );
  const site = (name: string): Site => {
    const found = sites.find(({ environment }) => environment.name === name);
    if (!found) throw new Error(`the sandbox has no environment ${name}`);
    return found;
  };
  const dataPlane = keep(
    await startDataPlane({
      scaleway,
      resolve: (name) => dns.resolve(name, "A"),
      route: (request) => routeToNode(sites, request),
      networks: environments.map(({ name }) => name),
    }),
  );
  const roots = await acme.roots();
  const files = keep(writeFiles(folder, { roots: `${acme.caPem}\n${roots}`, sites }));
  return {
    run,
    log,
    acme,
    dns,
    cloudflare,
    scaleway,
    dataPlane,
    roots,
    owner: { SCW_ACCESS_KEY: identity.accessKey, SCW_SECRET_KEY: identity.secretKey },
    env: {
      ...scaleway.env(),
      ...cloudflare.env(),
      CLOUDFLARE_API_TOKEN: cloudflare.addToken(tokenScope(dnsZones)),
      ...dns.env(),
      ACME_DIRECTORY_URL: acme.directoryUrl,
      KUBECONFIG: files.kubeconfig,
      PRIVATE_LB_ADMIN_KUBECONFIG: files.admin,
      // For Node, curl and Python. Node adds them to its own; the others trust nothing else then.
      NODE_EXTRA_CA_CERTS: files.authorities,
      CURL_CA_BUNDLE: files.authorities,
      REQUESTS_CA_BUNDLE: files.authorities,
      PULUMI_CONFIG_PASSPHRASE: randomBytes(18).toString("base64url"),
      ...proxies(dataPlane),
    },
    cluster: (name) => site(name).cluster,
    ccm: (name) => site(name).ccm,
    kapsule: (name) => scaleway.kapsule(site(name).kapsuleId),
    proxy: (network) => dataPlane.proxyUrl(network),
    outsideProxy: dataPlane.outsideProxyUrl,
    intercept: (interceptor, moment) => {
      const apis = [acme, cloudflare, scaleway, ...sites.map(({ cluster }) => cluster)];
      const removals = apis.map(({ intercept }) => intercept(interceptor, moment));
      return () => {
        for (const remove of removals) remove();
      };
    },
    addresses: () => ({
      ACME: acme.directoryUrl,
      DNS: dns.resolver,
      Cloudflare: cloudflare.url,
      Scaleway: scaleway.url,
      Kubernetes: environments.map(({ name }) => `${name} ${site(name).cluster.url}`).join(", "),
      "in networks": environments
        .map(({ name }) => `${name} ${dataPlane.proxyUrl(name)}`)
        .join(", "),
    }),
    leftovers: async () => await leftovers(scaleway, cloudflare, sites),
    close,
  };
}

/** A node belongs to one cluster, and that one knows its Services. */
async function routeToNode(
  sites: Site[],
  request: Parameters<Cluster["route"]>[0],
): ReturnType<Cluster["route"]> {
  const site = sites.find(({ environment }) => environment.nodes.includes(request.nodeAddress));
  return site
    ? await site.cluster.route(request)
    : { refused: `no node has the address ${request.nodeAddress}` };
}

/** The program's token has what is documented, on these zones. */
function tokenScope(zones: readonly string[]): TokenScope {
  const right = TOKEN_PERMISSIONS.includes(DNS_EDIT) ? "edit" : "read";
  return {
    zones: Object.fromEntries(zones.map((name) => [name, right])),
    zoneRead: TOKEN_PERMISSIONS.includes("Zone.Zone:Read"),
  };
}

function scalewayKey() {
  return {
    accessKey: `SCW${randomBytes(10).toString("hex").slice(0, 17).toUpperCase()}`,
    secretKey: randomUUID(),
  };
}

/** The owner's, with whose key the CCMs ask. */
function scalewayIdentity() {
  const project = randomUUID();
  return {
    ...scalewayKey(),
    projectId: project,
    organizationId: project,
  };
}

function proxies(dataPlane: DataPlane): Env {
  return Object.fromEntries(
    environments.map(({ name }) => [
      `PRIVATE_LB_PROXY_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`,
      dataPlane.proxyUrl(name),
    ]),
  );
}

function writeFiles(folder: string, { roots, sites }: { roots: string; sites: Site[] }) {
  mkdirSync(folder, { recursive: true });
  const kubeconfig = path.join(folder, "kubeconfig");
  const authorities = path.join(folder, "authorities.pem");
  const admin = path.join(folder, "kubeconfig.admin");
  const write = (file: string, configs: Kubeconfig[]) =>
    writeFileSync(file, stringify(mergeKubeconfigs(configs)), { mode: 0o600 });
  write(
    kubeconfig,
    sites.map((site) => site.kubeconfig),
  );
  write(
    admin,
    sites.map(({ cluster }) => cluster.kubeconfig()),
  );
  writeFileSync(authorities, roots, { mode: 0o600 });
  return {
    kubeconfig,
    admin,
    authorities,
    close: () => {
      for (const file of [kubeconfig, admin, authorities]) rmSync(file, { force: true });
    },
  };
}

async function leftovers(
  scaleway: ScalewayCloud,
  cloudflare: Cloudflare,
  sites: Site[],
): Promise<Record<string, string[]>> {
  const inventory = scaleway.inventory();
  const names = (list: { name: string }[]) => list.map(({ name }) => name);
  const services = sites.flatMap(({ environment, cluster }) =>
    cluster
      .inventory()
      .filter(({ kind }) => kind === "Service" || kind === "NetworkPolicy")
      .map(({ kind, namespace, name }) => `${environment.name}: ${kind} ${namespace}/${name}`),
  );
  return {
    "load balancer": names(inventory.loadBalancers),
    address: names([...inventory.ips, ...inventory.publicIps]),
    certificate: names(inventory.certificates),
    "frontend or backend": names([...inventory.frontends, ...inventory.backends]),
    "DNS record": cloudflare.inventory().map(({ type, name }) => `${type} ${name}`),
    "Service or NetworkPolicy": services,
  };
}
