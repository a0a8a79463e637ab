import * as pulumi from "@pulumi/pulumi";
import type { Leaked } from "../certificate/leaked.ts";
import { DynamicResource } from "./dynamicResource.ts";

export interface CertificateRevocationArgs {
  /** The endpoint's primary name. */
  domain: string;
  /** The `renewalTrigger` that tells of the leak. */
  trigger: string;
  /** The certificates whose key has leaked. */
  leaked: pulumi.Input<Leaked[] | undefined>;
  /** Their keys by serial, PEM; kept as a secret. */
  leakedKeys: pulumi.Input<Record<string, string> | undefined>;
}

/**
 * Revokes certificates whose key has leaked, for the reason keyCompromise. Let it depend on the barrier
 * ({@link FrontendCertificate}), so that clients are served another one by then. What the authority does not revoke
 * fails the run, and is tried again by the next one.
 *
 * `pulumi-nodejs:dynamic/acme:Revocation`; its provider is certificate/revocationProvider.ts.
 *
 * @example
 * ```ts
 * new CertificateRevocation(
 *   "test.example.com",
 *   {
 *     domain: "test.example.com",
 *     trigger: "leak-2026-11-21",
 *     leaked: certificate.leaked,
 *     leakedKeys: certificate.leakedKeys,
 *   },
 *   { dependsOn: barrier },
 * );
 * ```
 */
export class CertificateRevocation extends DynamicResource {
  constructor(
    name: string,
    { leakedKeys, ...args }: CertificateRevocationArgs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      "acme:Revocation",
      "certificate/revocationProvider.ts",
      name,
      { ...args, leakedKeys: pulumi.secret(leakedKeys), revoked: undefined },
      {
        ...opts,
        // The provider process sees plain values: what is to stay secret in the state is named.
        additionalSecretOutputs: ["leakedKeys"],
      },
    );
  }
}
