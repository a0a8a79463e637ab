/** The fault table: every row, in the order in which it is printed. */
import type { Row } from "./row.ts";
import { acmeCalls } from "./rows/acmeCalls.ts";
import { acmeErrands } from "./rows/acmeErrands.ts";
import { acmeOrders } from "./rows/acmeOrders.ts";
import { acmeRefusals } from "./rows/acmeRefusals.ts";
import { byHand } from "./rows/byHand.ts";
import { clock } from "./rows/clock.ts";
import { cloudflare } from "./rows/cloudflare.ts";
import { dns } from "./rows/dns.ts";
import { renewals } from "./rows/renewals.ts";
import { signals } from "./rows/signals.ts";
import { stackFileRows } from "./rows/stackFiles.ts";

export const table: readonly Row[] = [
  ...acmeOrders,
  ...acmeRefusals,
  ...acmeCalls,
  ...acmeErrands,
  ...clock,
  ...dns,
  ...cloudflare,
  ...renewals,
  ...byHand,
  ...stackFileRows,
  ...signals,
];
