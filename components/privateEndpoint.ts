import * as pulumi from "@pulumi/pulumi";
import { isLeakTrigger } from "../certificate/change.ts";
import { parseDuration } from "../certificate/duration.ts";
import type { Bounds } from "../certificate/provider.ts";
import type { EndpointImport } from "../config/adoption.ts";
import { certificateFacts, type OwnCertificate, plainPem } from "../config/certificate.ts";
import { authority, ownerName, recordComment, sharedTags, tags } from "../config/naming.ts";
import type { EndpointConfig, StackConfig } from "../config/stackConfig.ts";
import type { AcmeAccount } from "./acmeAccount.ts";
import { AcmeCertificate } from "./acmeCertificate.ts";
import {
  type AttachedLoadBalancer,
  attachedLoadBalancer,
  fixedAddresses,
} from "./attachedLoadBalancer.ts";
import { CertificateRevocation } from "./certificateRevocation.ts";
import { adoptedCertificate, idsOf } from "./existing.ts";
import { ExternallyManagedService } from "./externallyManagedService.ts";
import { FrontendCertificate } from "./frontendCertificate.ts";
import { implied } from "./implied.ts";
import { type CertificateWithKey, LoadBalancerCertificate } from "./loadBalancerCertificate.ts";
import { entry, owner, type Platform } from "./platform.ts";
import { Preflight } from "./preflight.ts";
import { PrivateDnsRecord } from "./privateDnsRecord.ts";
import type { PrivateLoadBalancer } from "./privateLoadBalancer.ts";
import type { PrivateNetworkAttachments } from "./privateNetworkAttachments.ts";

export interface PrivateEndpointArgs {
  /** The endpoint, as the stack's configuration has it. Plain: it decides which resources exist. */
  endpoint: EndpointConfig;
  /** What holds for all endpoints of the stack. */
  environment: Omit<StackConfig, "endpoints">;
  /** What exists already: networks and DNS zones. */
  platform: Platform;
  /** The account that gets the certificate. */
  account: AcmeAccount;
  /** The load balancer that it shares with others. @default one of its own is made */
  shared?: AttachedLoadBalancer | undefined;
  /** What of it exists already and is imported in this run. @default nothing */
  existing?: EndpointImport | undefined;
  /** How many certificates the run may issue. @default any number */
  bounds?: Bounds | undefined;
}

/**
 * One private HTTPS endpoint, whole: a private load balancer with a reserved address in each network, if it shares none
 * with other endpoints, the Service behind it, a certificate that renews, the names that resolve to it, and the barrier that guards a renewal. Takes
 * the Kubernetes provider of the environment's cluster.
 *
 * @example
 * ```ts
 * const { config, platform } = await loadEnvironment();
 * const { endpoints, ...environment } = config;
 * for (const endpoint of endpoints)
 *   new PrivateEndpoint(
 *     endpoint.domain,
 *     { endpoint, environment, platform, account },
 *     { providers: { kubernetes } },
 *   );
 * ```
 */
export class PrivateEndpoint extends pulumi.ComponentResource {
  /** `https://test.example.com`, with the port where that is another than 443. */
  readonly url: pulumi.Output<string>;
  readonly loadBalancerId: pulumi.Output<string>;
  /** The reserved address by network. */
  readonly addresses: Record<string, pulumi.Output<string>>;
  /** By network, the name that resolves inside it without any DNS record. */
  readonly internalNames: Record<string, pulumi.Output<string>>;
  /** End of the certificate, ISO 8601; undefined in passthrough. */
  readonly expiry: pulumi.Output<string | undefined>;
  /** Serial of the certificate, lower-case hex; undefined in passthrough. */
  readonly serial: pulumi.Output<string | undefined>;

  readonly #name: string;
  readonly #args: PrivateEndpointArgs;

  constructor(name: string, args: PrivateEndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-lb:index:PrivateEndpoint", name, {}, opts);
    this.#name = name;
    this.#args = args;
    const preflight = this.#preflight();
    const { loadBalancer, attachments } = args.shared ?? this.#balancer(preflight);
    const certificate = this.#certificate();
    // What is on a load balancer of its own, or at its address, waits for what these have waited for.
    const first = args.shared ? [preflight] : [];
    const installed = certificate && this.#install(certificate, loadBalancer, first);
    const service = this.#service({ loadBalancer, attachments, first, installed });
    this.#records(attachments, installed ? [installed] : first);
    if (certificate && installed) {
      const barrier = this.#barrier({ loadBalancer, attachments, certificate, installed, service });
      this.#revocation(certificate, barrier);
    }

    const { domain, port } = args.endpoint;
    this.url = pulumi.output(`https://${authority(domain, port)}`);
    this.loadBalancerId = loadBalancer.loadBalancerId;
    this.addresses = attachments.addresses;
    this.internalNames = attachments.internalNames;
    this.expiry = pulumi.output(certificate?.notAfter);
    this.serial = pulumi.output(certificate?.serial);
    this.registerOutputs({
      url: this.url,
      loadBalancerId: this.loadBalancerId,
      addresses: this.addresses,
      internalNames: this.internalNames,
      expiry: this.expiry,
      serial: this.serial,
    });
  }

  /** What is the load balancer's is looked at where the load balancer is made. */
  #preflight(): Preflight {
    const { endpoint, environment, platform, existing, shared } = this.#args;
    const { domain, names, namespace, serviceName, loadBalancerName } = endpoint;
    const args = {
      domain,
      zone: environment.zone,
      ...(!shared && { loadBalancer: loadBalancerName }),
      tags: this.#tags(),
      records: names.map((each) => ({
        name: each.name,
        zoneId: entry(platform.zoneIds, each.dnsZone),
      })),
      owner: ownerName(owner()),
      addresses: shared ? [] : fixedAddresses(endpoint, environment, platform),
      service: { kubeContext: environment.kubeContext, namespace, serviceName },
      ...(existing && { adopted: idsOf(existing) }),
    };
    return new Preflight(this.#name, args, { parent: this });
  }

  #tags(): string[] {
    const { endpoint, environment } = this.#args;
    return endpoint.loadBalancer === undefined
      ? tags(owner(), environment.environment, endpoint.domain)
      : sharedTags(owner(), environment.environment, endpoint.loadBalancer);
  }

  #balancer(preflight: Preflight): AttachedLoadBalancer {
    const { endpoint, environment, platform, existing } = this.#args;
    const { domain, port, loadBalancerName } = endpoint;
    return attachedLoadBalancer(
      this.#name,
      {
        ...{ endpoint, environment, platform, existing, loadBalancerName },
        description: `Private endpoint https://${authority(domain, port)}`,
        tags: this.#tags(),
      },
      { parent: this, dependsOn: preflight },
    );
  }

  /** The user's own, or one by ACME; undefined in passthrough. */
  #certificate(): CertificateWithKey | undefined {
    const { endpoint, environment, platform, account, existing, bounds } = this.#args;
    if (endpoint.tls === "passthrough") return undefined;
    if (endpoint.certificate) return ownCertificate(endpoint.certificate);
    const zones = [...new Set(endpoint.names.map(({ dnsZone }) => dnsZone))].sort();
    const adoptedChain = existing?.certificate?.chain;
    const certificate = new AcmeCertificate(
      this.#name,
      {
        // With that key it was registered.
        account: { ...account, accountKeyPem: implied(account.accountKeyPem) },
        names: endpoint.names.map(({ name }) => name),
        zones: zones.map((name) => ({ name, id: entry(platform.zoneIds, name) })),
        keyType: endpoint.keyType,
        profile: endpoint.profile,
        owner: ownerName(owner()),
        propagationTimeout: environment.propagationTimeout,
        renewBefore: endpoint.renewBefore,
        renewalInterval: seconds(environment.renewalInterval),
        keyRotation: endpoint.keyRotation,
        renewalTrigger: endpoint.renewalTrigger,
        rehearsal: environment.rehearsalDirectory,
        adoptedChain,
        bounds,
      },
      { parent: this },
    );
    return adoptedChain === undefined
      ? certificate
      : adoptedCertificate(certificate, adoptedChain, endpoint.domain);
  }

  #install(
    certificate: CertificateWithKey,
    loadBalancer: PrivateLoadBalancer,
    dependsOn: pulumi.Resource[],
  ): LoadBalancerCertificate {
    const { domain } = this.#args.endpoint;
    return new LoadBalancerCertificate(
      this.#name,
      {
        loadBalancer: loadBalancer.resource,
        domain,
        certificate,
        importId: this.#args.existing?.certificate?.id,
      },
      { parent: this, dependsOn },
    );
  }

  #service({ loadBalancer, attachments, ...parts }: ServiceParts): ExternallyManagedService {
    const { endpoint, environment, platform, existing } = this.#args;
    const { network } = environment;
    const address = entry(attachments.addresses, network);
    const admittedRanges = {
      network: entry(platform.networks, network).ranges,
      "load-balancer": address.apply((ip) => [`${ip}/32`]),
      off: undefined,
    }[endpoint.networkPolicy];
    return new ExternallyManagedService(
      this.#name,
      {
        ...endpoint,
        // Of that load balancer and that address the attachments are.
        loadBalancer: { ...loadBalancer, loadBalancerId: implied(loadBalancer.loadBalancerId) },
        addressId: implied(entry(attachments.addressIds, network)),
        sharedAs: endpoint.loadBalancer,
        certificateId: parts.installed?.certificateId,
        admittedRanges,
        importId: existing?.service,
        policyImportId: existing?.networkPolicy,
      },
      { parent: this, dependsOn: [...Object.values(attachments.resources), ...parts.first] },
    );
  }

  /** After the certificate: a token that may not write a zone ends in one error, which says what it lacks. */
  #records({ addresses, resources }: PrivateNetworkAttachments, first: pulumi.Resource[]): void {
    const { endpoint, platform, existing } = this.#args;
    const comment = recordComment(owner(), endpoint.loadBalancerName);
    for (const { name, network, dnsZone } of endpoint.names) {
      const zoneId = entry(platform.zoneIds, dnsZone);
      // A new address is not told before the load balancer has it.
      const [address, attached] = [implied(entry(addresses, network)), entry(resources, network)];
      const importId = existing?.records[name];
      const args = { zoneId, domain: name, address, comment, importId };
      new PrivateDnsRecord(name, args, { parent: this, dependsOn: [attached, ...first] });
    }
  }

  #barrier({ loadBalancer, ...parts }: Parts): FrontendCertificate {
    const { endpoint, environment } = this.#args;
    const { network, kubeContext, frontendTimeout } = environment;
    const { namespace, serviceName, port } = endpoint;
    return new FrontendCertificate(
      this.#name,
      {
        serviceUid: parts.service.uid,
        port,
        names: endpoint.names.map(({ name }) => name),
        // All of these the Service waits for.
        loadBalancer: { ...loadBalancer, loadBalancerId: implied(loadBalancer.loadBalancerId) },
        certificateId: implied(parts.installed.certificateId),
        serial: implied(pulumi.output(parts.certificate.serial)),
        address: implied(entry(parts.attachments.addresses, network)),
        network,
        service: { kubeContext, namespace, serviceName },
        timeout: frontendTimeout,
      },
      { parent: this },
    );
  }

  /** After the barrier: clients are served another certificate by then. */
  #revocation(certificate: CertificateWithKey, barrier: FrontendCertificate): void {
    const { domain, renewalTrigger: trigger } = this.#args.endpoint;
    if (!(certificate instanceof AcmeCertificate) || !isLeakTrigger(trigger)) return;
    const { leaked, leakedKeys } = certificate;
    const args = { domain, trigger, leaked, leakedKeys };
    new CertificateRevocation(this.#name, args, { parent: this, dependsOn: barrier });
  }
}

interface ServiceParts extends AttachedLoadBalancer {
  first: Preflight[];
  installed: LoadBalancerCertificate | undefined;
}

interface Parts extends AttachedLoadBalancer {
  certificate: CertificateWithKey;
  installed: LoadBalancerCertificate;
  service: ExternallyManagedService;
}

/** Of a duration that the configuration has found good. */
function seconds(duration: string): number {
  return (parseDuration(duration) ?? 0) / 1000;
}

function ownCertificate(given: OwnCertificate): CertificateWithKey {
  const { chain, privateKey } = plainPem(given);
  return { chainPem: chain, privateKeyPem: privateKey, ...certificateFacts(chain) };
}
