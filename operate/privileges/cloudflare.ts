/** The least that the program's API token needs: https://developers.cloudflare.com/fundamentals/api/reference/permissions/ */

/** On the environment's zones, and no other. */
export const TOKEN_PERMISSIONS = ["Zone.DNS:Edit", "Zone.Zone:Read"] as const;
