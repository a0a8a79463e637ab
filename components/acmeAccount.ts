import * as pulumi from "@pulumi/pulumi";
import { PrivateKey } from "@pulumi/tls/privateKey.js";
import { DynamicResource } from "./dynamicResource.ts";

export interface ExternalAccountBinding {
  keyId: pulumi.Input<string>;
  /** base64url. */
  hmacKey: pulumi.Input<string>;
}

/** What a certificate needs of an account: an {@link AcmeAccount}, or one that exists. */
export interface AcmeAccountRef {
  /** URL of the authority's directory. */
  directory: pulumi.Input<string>;
  accountUrl: pulumi.Input<string>;
  /** PEM; kept as a secret. */
  accountKeyPem: pulumi.Input<string>;
}

export interface AcmeAccountArgs {
  /** URL of the authority's directory. A change registers anew there. */
  directory: pulumi.Input<string>;
  /** Contact address. A change updates the account. */
  email: pulumi.Input<string>;
  /** RFC 8555, section 7.3.4. @default none */
  externalAccountBinding?: ExternalAccountBinding | undefined;
}

/**
 * An account at an ACME authority, with a key of its own. One for all certificates of a stack: authorities limit
 * registrations.
 *
 * @example
 * ```ts
 * const account = new AcmeAccount("acme", {
 *   directory: "https://acme-v02.api.letsencrypt.org/directory",
 *   email: "platform@example.com",
 * });
 * ```
 */
export class AcmeAccount extends pulumi.ComponentResource implements AcmeAccountRef {
  readonly directory: pulumi.Output<string>;
  readonly accountUrl: pulumi.Output<string>;
  /** Secret; PKCS #8 PEM. */
  readonly accountKeyPem: pulumi.Output<string>;

  constructor(name: string, args: AcmeAccountArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-lb:index:AcmeAccount", name, {}, opts);
    const key = new PrivateKey(
      `${name}-key`,
      { algorithm: "ECDSA", ecdsaCurve: "P256" },
      { parent: this },
    );
    this.accountKeyPem = pulumi.secret(key.privateKeyPemPkcs8);
    const account = new Registration(
      name,
      { ...args, accountKeyPem: this.accountKeyPem },
      { parent: this },
    );
    this.directory = pulumi.output(args.directory);
    this.accountUrl = account.accountUrl;
    this.registerOutputs({
      directory: this.directory,
      accountUrl: this.accountUrl,
      accountKeyPem: this.accountKeyPem,
    });
  }
}

/** `pulumi-nodejs:dynamic/acme:Account`; its provider is certificate/accountProvider.ts. */
class Registration extends DynamicResource {
  declare readonly accountUrl: pulumi.Output<string>;

  constructor(
    name: string,
    args: AcmeAccountArgs & { accountKeyPem: pulumi.Input<string> },
    opts: pulumi.CustomResourceOptions,
  ) {
    const { directory, email, accountKeyPem, externalAccountBinding: binding } = args;
    super(
      "acme:Account",
      "certificate/accountProvider.ts",
      name,
      {
        directory,
        email,
        accountKeyPem,
        ...(binding ? { externalAccountBinding: secretBinding(binding) } : {}),
        accountUrl: undefined,
      },
      {
        ...opts,
        // The provider process sees plain values: what is to stay secret in the state is named.
        additionalSecretOutputs: ["accountKeyPem", "externalAccountBinding"],
        // Certificates are moved to the new account before the old one goes.
        deleteBeforeReplace: false,
      },
    );
  }
}

function secretBinding({ keyId, hmacKey }: ExternalAccountBinding) {
  return { keyId, hmacKey: pulumi.secret(hmacKey) };
}
