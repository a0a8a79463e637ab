import { DnsRecord } from "@pulumi/cloudflare/dnsRecord.js";
import * as pulumi from "@pulumi/pulumi";

export interface PrivateDnsRecordArgs {
  /** Cloudflare's id of the zone. */
  zoneId: pulumi.Input<string>;
  /** Full name; a relative one would read back as the full one. */
  domain: string;
  /** Private IPv4 address. */
  address: pulumi.Input<string>;
  /** Seconds; 1 is Cloudflare's automatic. @default 1 */
  ttl?: number;
  /** What a person finds beside the record, at most 100 characters. @default none */
  comment?: pulumi.Input<string>;
  /** One that exists, `<zone>/<record>`. @default a new one */
  importId?: string | undefined;
}

/**
 * An A record with a private address. Never proxied: Cloudflare could not reach it, and would refuse it. It waits for
 * what the component depends on.
 *
 * @example
 * ```ts
 * new PrivateDnsRecord("test.example.com", {
 *   zoneId: zone.zoneId,
 *   domain: "test.example.com",
 *   address: attachments.addresses["production"],
 * });
 * ```
 */
export class PrivateDnsRecord extends pulumi.ComponentResource {
  /** The name that resolves to the address. */
  readonly domain: pulumi.Output<string>;

  constructor(name: string, args: PrivateDnsRecordArgs, opts?: pulumi.ComponentResourceOptions) {
    const { dependsOn, ...own } = opts ?? {};
    super("private-lb:index:PrivateDnsRecord", name, {}, own);
    const { zoneId, domain, address, ttl = 1, comment, importId } = args;
    const record = new DnsRecord(
      name,
      {
        zoneId,
        name: domain,
        type: "A",
        content: address,
        ttl,
        proxied: false,
        ...(comment === undefined ? {} : { comment }),
      },
      {
        parent: this,
        ...(dependsOn ? { dependsOn } : {}),
        ...(importId === undefined ? {} : { import: importId }),
        // Only another zone replaces: the name is to resolve all the while.
        deleteBeforeReplace: false,
      },
    );
    this.domain = record.name;
    this.registerOutputs({ domain: this.domain });
  }
}
