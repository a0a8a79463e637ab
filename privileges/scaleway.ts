/** The least that the program's Scaleway key needs: https://www.scaleway.com/en/docs/iam/reference-content/permission-sets/ */

/** Each is given by any of these permission sets; the first is the least. */
export const PERMISSION_SETS: readonly { anyOf: readonly string[] }[] = [
  { anyOf: ["LoadBalancersFullAccess", "AllProductsFullAccess"] },
  { anyOf: ["IPAMFullAccess", "AllProductsFullAccess"] },
  { anyOf: ["VPCReadOnly", "VPCFullAccess", "AllProductsFullAccess"] },
  { anyOf: ["PrivateNetworksFullAccess", "VPCFullAccess", "AllProductsFullAccess"] },
];

/** What the doctor reads beyond that. */
export const READING_SETS = ["KubernetesReadOnly", "InstancesReadOnly", "VPCGatewayReadOnly"];

/** With which it reads policies and quotas as well. */
export const IAM_READING = "IAMReadOnly";

/** What the program needs for Cockpit's alerts, where a stack has them. */
export const OBSERVING = "ObservabilityFullAccess";
export const OBSERVING_SET = { anyOf: [OBSERVING, "AllProductsFullAccess"] };

/** The names that a policy of the least has. */
export const LEAST_SETS: readonly string[] = leastOf(PERMISSION_SETS);

/** For a refusal of Cockpit's. */
export const OBSERVING_NEEDS = `SCW_ACCESS_KEY and SCW_SECRET_KEY need ${OBSERVING} on the project as well`;

/** For a refusal of Scaleway's. */
export const KEY_NEEDS = `SCW_ACCESS_KEY and SCW_SECRET_KEY need ${words(LEAST_SETS)} on the project`;

/** As a command that makes the policy. @param needed as `PERMISSION_SETS` */
export function policy(project = "<project id>", needed = PERMISSION_SETS): string {
  const names = leastOf(needed).map((name, i) => `rules.0.permission-set-names.${i}=${name}`);
  return [
    "Give the key's application this policy, which is the least that is needed:",
    "  scw iam policy create name=private-lb application-id=<application id> \\",
    `    rules.0.project-ids.0=${project} \\`,
    ...names.map((name, i) => `    ${name}${i < names.length - 1 ? " \\" : ""}`),
  ].join("\n");
}

function leastOf(needed: typeof PERMISSION_SETS): string[] {
  return needed.map(({ anyOf: [name] }) => String(name));
}

function words(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
