/** The fault table: every row, in the order in which it is printed. */
import type { Row } from "./row.ts";
import { acmeCalls } from "./rows/acmeCalls.ts";
import { acmeOrders } from "./rows/acmeOrders.ts";
import { acmeRefusals } from "./rows/acmeRefusals.ts";

export const table: readonly Row[] = [...acmeOrders, ...acmeRefusals, ...acmeCalls];
