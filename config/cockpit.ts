/**
 * The alerts that Scaleway's Cockpit has ready for load balancers. Their ids are the same in every project, as answers
 * of its API show that the vendor's Terraform provider recorded in 2025-12 and 2026-04 (`internal/services/cockpit/testdata`).
 */
import { z } from "zod";
import { strict } from "./fields.ts";

/** Preconfigured rules by the names that a stack file uses. */
export const COCKPIT_RULES = {
  /** All servers of a backend are down, for 5 minutes. */
  "backend-down": "d1b1b4a0-7215-494b-9d81-796e52c7ed0e",
  "backend-server-down": "feb64cef-c855-4230-a74e-813515fdb357",
  /** The others: above 80 %, for 10 minutes. */
  "high-connections": "fcf06e62-22ee-4e86-9b16-3cc9708e1b07",
  "high-bandwidth": "835bd0fc-57ea-43cf-ba2f-2b637e85eedb",
  "high-cpu": "769bd543-6030-4540-bd2d-5e2d0604e767",
  "high-memory": "89d456d0-8614-40a2-b0a6-682ea25e98b6",
} as const;

export type CockpitRule = keyof typeof COCKPIT_RULES;

const RULES = Object.keys(COCKPIT_RULES) as CockpitRule[];

export const cockpitAlerts = strict({
  email: z
    .email("must be an e-mail address")
    .describe(
      "Who is written to. One address, such as a mailing list's: several come back in an order of chance, which would be a change at every run.",
    ),
  rules: z
    .array(z.enum(RULES, `must be one of ${RULES.join(", ")}`))
    .min(1, "must name at least one rule")
    .default(RULES)
    .describe(
      "Which of Scaleway's rules are on: servers down for 5 minutes, all of a backend's or some; more than 80 % of connections, bandwidth, processor or memory for 10 minutes.",
    ),
});

export type CockpitAlertsConfig = z.output<typeof cockpitAlerts>;
