/** What the states of stacks say of their endpoints. No cloud is asked: the state's backend is all that it takes. */
import { reason } from "../../dynamic/failure.ts";
import { type DeployedEndpoint, deployed } from "../deployed.ts";
import { type EndpointReport, endpointReports } from "../endpointReport.ts";
import type { StackRunner } from "../stackRunner.ts";

/** `none`: the pods end TLS, and no certificate is made. */
export type Health = "good" | "attention" | "urgent" | "none";

export interface EndpointStatus extends DeployedEndpoint {
  /** Undefined where the pods end TLS. */
  report: EndpointReport | undefined;
  health: Health;
}

export interface StackStatus {
  stack: string;
  environment: string | undefined;
  endpoints: EndpointStatus[];
  /** Why the state could not be read. */
  error?: string;
}

export interface Status {
  /** ISO 8601 */
  at: string;
  stacks: StackStatus[];
}

const WEEK_DAYS = 7;
const DAY = 24 * 60 * 60 * 1000;
/** Of a certificate's life: what is left when a renewal, due at a third or a half, has not come. */
const LATE = 1 / 4;

/** A stack that cannot be read hides none of the others. */
export async function statusOf(
  stacks: readonly string[],
  open: (stack: string) => Promise<Pick<StackRunner, "exportState">>,
  now: Date,
): Promise<Status> {
  const each = stacks.map(async (stack): Promise<StackStatus> => {
    try {
      return await stackStatus(stack, await open(stack), now);
    } catch (error) {
      return { stack, environment: undefined, endpoints: [], error: reason(error) };
    }
  });
  return { at: now.toISOString(), stacks: await Promise.all(each) };
}

async function stackStatus(
  stack: string,
  runner: Pick<StackRunner, "exportState">,
  now: Date,
): Promise<StackStatus> {
  const state = await runner.exportState();
  const read = { exportState: async () => state };
  const [{ environment, endpoints }, reports] = await Promise.all([
    deployed(read),
    endpointReports(read, now),
  ]);
  return {
    stack,
    environment,
    endpoints: endpoints.map((endpoint) => {
      const report = reports.find(({ domain }) => domain === endpoint.domain);
      return { ...endpoint, report, health: healthOf(endpoint, report) };
    }),
  };
}

function healthOf({ certificate }: DeployedEndpoint, report: EndpointReport | undefined): Health {
  if (!report) return "none";
  const { daysLeft, notAfter, status } = report;
  if (daysLeft === undefined || notAfter === undefined || daysLeft <= 0) return "urgent";
  const start = Date.parse(certificate?.notBefore ?? "");
  const life = Number.isFinite(start) ? (Date.parse(notAfter) - start) / DAY : undefined;
  const isLate = life === undefined ? daysLeft <= WEEK_DAYS : daysLeft < LATE * life;
  if (isLate) return "urgent";
  return status === "valid" ? "good" : "attention";
}

export interface Row {
  stack: string;
  endpoint: EndpointStatus;
}

/** All endpoints, those with the fewest days left first; those without a certificate of their own last. */
export function rowsOf({ stacks }: Status): Row[] {
  const days = ({ endpoint: { report } }: Row) =>
    report ? (report.daysLeft ?? Number.NEGATIVE_INFINITY) : Number.POSITIVE_INFINITY;
  return stacks
    .flatMap(({ stack, endpoints }) => endpoints.map((endpoint) => ({ stack, endpoint })))
    .toSorted((a, b) => {
      const [left, right] = [days(a), days(b)];
      return left === right ? a.endpoint.domain.localeCompare(b.endpoint.domain) : left - right;
    });
}

/** What a reader is told of the certificate: `valid`, what is the matter, or that the pods have their own. */
export function statusText({ report }: EndpointStatus): string {
  return report?.status ?? "TLS ends in the pods";
}

/** `2027-02-19` for an ISO 8601 moment; a dash for none. */
export const day = (moment: string | undefined) => moment?.slice(0, 10) ?? "–";
