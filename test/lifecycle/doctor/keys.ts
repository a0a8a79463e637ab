/** Keys, tokens, quotas and names. */

import { cloudflareTokenCheck } from "../../../operate/doctor/checks/cloudflareToken.ts";
import { namesCheck } from "../../../operate/doctor/checks/names.ts";
import { quotasCheck } from "../../../operate/doctor/checks/quotas.ts";
import { scalewayKeyCheck } from "../../../operate/doctor/checks/scalewayKey.ts";
import {
  access,
  another,
  DAY,
  ground,
  record,
  settings,
  type Trouble,
  token,
  ZONE,
} from "./ground.ts";

/** Reads all that is needed, and what it may do itself. */
const READING_ONLY = ["LoadBalancersReadOnly", "IPAMFullAccess", "VPCFullAccess", "IAMReadOnly"];

export const keysTroubles: Trouble[] = [
  {
    title: "a Scaleway key that does not exist",
    check: scalewayKeyCheck,
    make: (given) => {
      given.env = { SCW_SECRET_KEY: "00000000-0000-4000-8000-000000000000" };
    },
    level: "failed",
    says: /Scaleway does not know the key SCW/,
  },
  {
    title: "a Scaleway key that may not read addresses",
    check: scalewayKeyCheck,
    make: () => access({ ipam: "none" }),
    level: "failed",
    says: /may not read addresses \(IPAM\)/,
    advises: /scw iam policy create[\s\S]*LoadBalancersFullAccess[\s\S]*IPAMFullAccess/,
  },
  {
    title: "a Scaleway key that may not write load balancers",
    check: scalewayKeyCheck,
    make: () => settings({ permissionSets: READING_ONLY }),
    level: "failed",
    says: /the key lacks LoadBalancersFullAccess$/,
    advises: /scw iam policy create/,
  },
  {
    title: "a Scaleway key that expires soon",
    check: scalewayKeyCheck,
    make: () => settings({ keyExpiresAt: new Date(Date.now() + 5.5 * DAY).toISOString() }),
    level: "warning",
    says: /expires in 5 d/,
  },
  {
    title: "a quota that is used up",
    check: quotasCheck,
    make: (given) => {
      another(given);
      return settings({ quota: { lb_lbs: 1 } });
    },
    level: "failed",
    says: /^1 load balancers in fr-par-1, and 1 more to make: the quota lb_lbs is 1$/,
  },
  {
    title: "a Cloudflare token that is unknown",
    check: cloudflareTokenCheck,
    make: (given) => {
      given.env = { CLOUDFLARE_API_TOKEN: "x".repeat(40) };
    },
    level: "failed",
    says: /refuses the token/,
    advises: /Zone\.DNS:Edit/,
  },
  {
    title: "a Cloudflare token that is disabled",
    check: cloudflareTokenCheck,
    make: (given) => token(given, { zones: "edit", status: "disabled" }),
    level: "failed",
    says: /the token is disabled/,
  },
  {
    title: "a Cloudflare token that may only read",
    check: cloudflareTokenCheck,
    make: (given) => token(given, { zones: { [ZONE]: "read" } }),
    level: "failed",
    says: /may not edit the records of example\.net/,
  },
  {
    title: "a Cloudflare token for another zone",
    check: cloudflareTokenCheck,
    make: (given) => token(given, { zones: { "example.org": "edit" } }),
    level: "failed",
    says: /does not see example\.net/,
  },
  {
    title: "a Cloudflare token for every zone",
    check: cloudflareTokenCheck,
    make: (given) => token(given, { zones: "edit" }),
    level: "warning",
    says: /sees more zones than it needs: example\.com, example\.org and example\.edu/,
    advises: /example\.net/,
  },
  {
    title: "a name that has a record by another hand",
    check: namesCheck,
    make: (given) => {
      another(given);
      return record("A", ground.stack.domain("other"), "192.0.2.1");
    },
    level: "failed",
    says: /there is a record A other-.* to 192\.0\.2\.1 already/,
  },
];
