import * as pulumi from "@pulumi/pulumi";
import type { KeyRotation } from "../certificate/change.ts";
import type { Leaked } from "../certificate/leaked.ts";
import type { KeyType } from "../certificate/names.ts";
import type { Bounds } from "../certificate/provider.ts";
import type { AcmeAccountRef } from "./acmeAccount.ts";
import { DynamicResource } from "./dynamicResource.ts";

export interface AcmeCertificateArgs {
  account: AcmeAccountRef;
  /** The primary name first; `*.` wildcards are allowed. A change issues anew. */
  names: pulumi.Input<string>[];
  /** The Cloudflare zones that the names lie in. */
  zones: { name: pulumi.Input<string>; id: pulumi.Input<string> }[];
  /** A change issues anew. @default "ec256" */
  keyType?: KeyType;
  /** ACME profile; a change issues anew. @default the authority's own */
  profile?: string | undefined;
  /** Who owns the challenge's TXT records, `<project>/<stack>`; a change issues nothing. */
  owner: string;
  /** Seconds to wait for a challenge's record at every name server; a change issues nothing. @default 180 */
  propagationTimeout?: number;
  /**
   * Before the end, `21d`, `12h`, `1/3` or `40%`. @default when the authority asks for it; without that one third
   * of the lifetime, or one half of 10 days or less
   */
  renewBefore?: string | undefined;
  /** Seconds between two scheduled runs. @default 43,200, 12 hours */
  renewalInterval?: number;
  /** URL of the directory at which the first issuance is rehearsed. @default there is no rehearsal */
  rehearsal?: string | undefined;
  /** Whether each certificate has a new private key. @default "always" */
  keyRotation?: KeyRotation;
  /**
   * Any text; another one issues anew, with a new key. One that begins with `leak` puts the certificate that it
   * replaces among {@link AcmeCertificate.leaked}. @default none
   */
  renewalTrigger?: string | undefined;
  /**
   * PEM of a certificate that exists, to begin with in the place of a new one. Its key is elsewhere: until it is renewed,
   * `privateKeyPem` is empty. Looked at when this resource is made, and never after. @default none
   */
  adoptedChain?: string | undefined;
  /** How many certificates the run may issue, the same for all of it; never in the state. @default any number */
  bounds?: Bounds | undefined;
}

/**
 * A certificate by ACME's DNS-01 challenge through Cloudflare, with a fresh private key at each issuance. It renews
 * in place when it is due by the clock; what it was is replaced elsewhere, by {@link LoadBalancerCertificate}.
 *
 * `pulumi-nodejs:dynamic/acme:Certificate`; its provider is certificate/provider.ts. The Cloudflare token is
 * CLOUDFLARE_API_TOKEN of the run, never an input.
 *
 * @example
 * ```ts
 * const certificate = new AcmeCertificate("test.example.com", {
 *   account,
 *   names: ["test.example.com"],
 *   zones: [{ name: "example.com", id: zone.zoneId }],
 *   owner: "private-lb/prod",
 * });
 * ```
 */
export class AcmeCertificate extends DynamicResource {
  /** The certificate first, then its intermediates. */
  declare readonly chainPem: pulumi.Output<string>;
  /** Secret. */
  declare readonly privateKeyPem: pulumi.Output<string>;
  /** Lower-case hex. */
  declare readonly serial: pulumi.Output<string>;
  declare readonly issuer: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly notBefore: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly notAfter: pulumi.Output<string>;
  /** ISO 8601; from then on a run renews. */
  declare readonly renewAt: pulumi.Output<string>;
  /** For a {@link CertificateRevocation}. */
  declare readonly leaked: pulumi.Output<Leaked[] | undefined>;
  /** Of these, by serial. Secret. */
  declare readonly leakedKeys: pulumi.Output<Record<string, string> | undefined>;

  constructor(name: string, args: AcmeCertificateArgs, opts?: pulumi.CustomResourceOptions) {
    const { account, names, zones, profile, owner, renewBefore, renewalTrigger, rehearsal } = args;
    const { adoptedChain, bounds } = args;
    super(
      "acme:Certificate",
      "certificate/provider.ts",
      name,
      {
        directory: account.directory,
        accountUrl: account.accountUrl,
        accountKeyPem: pulumi.secret(account.accountKeyPem),
        names,
        zones,
        keyType: args.keyType ?? "ec256",
        ...(profile === undefined ? {} : { profile }),
        owner,
        propagationTimeout: args.propagationTimeout ?? 180,
        ...(renewBefore === undefined ? {} : { renewBefore }),
        renewalInterval: args.renewalInterval ?? 43_200,
        keyRotation: args.keyRotation ?? "always",
        ...(renewalTrigger === undefined ? {} : { renewalTrigger }),
        ...(rehearsal === undefined ? {} : { rehearsal }),
        ...(adoptedChain === undefined ? {} : { adoptedChain }),
        ...(bounds === undefined ? {} : { bounds }),
        // Always wanted. A refresh puts what it observes in its place, so that a preview shows why it renews.
        status: "valid",
        ...OUTPUTS,
      },
      {
        ...opts,
        // The provider process sees plain values: what is to stay secret in the state is named.
        additionalSecretOutputs: ["accountKeyPem", "privateKeyPem", "leakedKeys", "order"],
      },
    );
  }
}

/** Pulumi makes an output property of every key that it is given. */
const OUTPUTS = {
  chainPem: undefined,
  privateKeyPem: undefined,
  serial: undefined,
  issuer: undefined,
  notBefore: undefined,
  notAfter: undefined,
  renewAt: undefined,
  leaked: undefined,
  leakedKeys: undefined,
};
