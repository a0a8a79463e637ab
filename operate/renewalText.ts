/** A renewal's report for people. */
import { EXIT, type Renewal } from "./renew.ts";
import { showStep } from "./show.ts";

/** Ends without a line break. */
export function renewalText(renewal: Renewal): string {
  const { stack, outcome, exitCode, startedAt, finishedAt } = renewal;
  const took = ((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000).toFixed(1);
  return [
    ...renewal.warnings.map((warning) => `warning: ${warning}`),
    ...renewal.errors.map((error) => `error: ${error}`),
    ...diff(renewal),
    `renew ${stack}: ${headline(renewal)} (${took} s, exit code ${exitCode})`,
    ...rows(renewal),
    ...(outcome === "failed" ? [advice(exitCode)] : []),
  ].join("\n");
}

function headline({ outcome, renewed, refused }: Renewal): string {
  switch (outcome) {
    case "renewed":
      return `${renewed.length} renewed`;
    case "guard":
      return `nothing applied: ${refused.length} of the changes are no renewal`;
    default:
      return outcome;
  }
}

function diff({ refused }: Renewal): string[] {
  if (refused.length === 0) return [];
  return [
    "These changes are no renewal; preview them, and apply them with a person's `up`:",
    ...refused.flatMap((step) => showStep(step, false)),
  ];
}

function rows({ endpoints, renewed }: Renewal): string[] {
  const width = Math.max(0, ...endpoints.map(({ domain }) => domain.length));
  return endpoints.map(({ domain, daysLeft, serial, nextRenewal, status }) =>
    [
      `  ${domain.padEnd(width)}`,
      daysLeft === undefined ? "no certificate" : `${daysLeft} days left`,
      `serial ${serial ?? "-"}`,
      `next renewal ${nextRenewal ?? "-"}`,
      renewed.includes(domain) ? "renewed" : status,
    ].join("  "),
  );
}

const advice = (exitCode: number) =>
  exitCode === EXIT.urgent
    ? "A certificate ends within 7 days, or none is served: act now, see docs/renewal.md."
    : "Every served certificate is valid for more than 7 days; the next run tries again. See docs/renewal.md.";
