/** The whole list, in the order in which it is read: this machine, the clouds, the cluster, what is made. */
import type { Check } from "../check.ts";
import { acmeCheck } from "./acme.ts";
import { backendsCheck } from "./backends.ts";
import { caaCheck } from "./caa.ts";
import { ccmCheck } from "./ccm.ts";
import { challengeCheck } from "./challenge.ts";
import { clockCheck } from "./clock.ts";
import { cloudflareTokenCheck } from "./cloudflareToken.ts";
import { clusterCheck } from "./cluster.ts";
import { clusterIsolationCheck } from "./clusterIsolation.ts";
import { delegationCheck } from "./delegation.ts";
import { nameServersCheck } from "./nameServers.ts";
import { namesCheck } from "./names.ts";
import { quotasCheck } from "./quotas.ts";
import { resolutionCheck } from "./resolution.ts";
import { rightsCheck } from "./rights.ts";
import { scalewayKeyCheck } from "./scalewayKey.ts";
import { servedCheck } from "./served.ts";
import { sharedVpcCheck } from "./sharedVpc.ts";

/** Those that ask the clouds, of a stack whose configuration can be read. */
export const checks: readonly Check[] = [
  clockCheck,
  acmeCheck,
  scalewayKeyCheck,
  quotasCheck,
  cloudflareTokenCheck,
  delegationCheck,
  nameServersCheck,
  caaCheck,
  challengeCheck,
  sharedVpcCheck,
  clusterCheck,
  clusterIsolationCheck,
  rightsCheck,
  ccmCheck,
  backendsCheck,
  namesCheck,
  resolutionCheck,
  servedCheck,
];
