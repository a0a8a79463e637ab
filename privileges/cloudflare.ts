/** The least that the program's API token needs: https://developers.cloudflare.com/fundamentals/api/reference/permissions/ */

/** What writes challenges and A records. */
export const DNS_EDIT = "Zone.DNS:Edit";

/** On the environment's zones, and no other. */
export const TOKEN_PERMISSIONS = [DNS_EDIT, "Zone.Zone:Read"] as const;

/** For a refusal of Cloudflare's. */
export const TOKEN_NEEDS = `CLOUDFLARE_API_TOKEN needs ${TOKEN_PERMISSIONS.join(" and ")} on the zones`;
