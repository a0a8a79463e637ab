/** What adoption found, for people. */
import path from "node:path";
import { stringify } from "yaml";
import { type Adoption, IMPORT_VARIABLE } from "./adopt.ts";
import type { Proposal } from "./proposal.ts";

/** @param commands how this command line runs `preview` and `up` of the stack; ends without a line break */
export function adoptText(
  adoption: Adoption,
  projectDir: string,
  commands: { preview: string; up: string; adopt: string },
): string {
  const { proposals, added, written } = adoption;
  if (proposals.length === 0) return NONE;
  const isUsable = proposals.some(({ endpoint }) => endpoint !== undefined);
  const place = (file: string) => path.relative(projectDir, file);
  const stackFile = `Pulumi.${adoption.stack}.yaml`;
  const proposed = [
    written
      ? `${stackFile} has got:`
      : `${stackFile} would get (proposed: ${place(adoption.stackFile)}):`,
    ...stringify(added, { lineWidth: 0 })
      .trimEnd()
      .split("\n")
      .map((line) => `  + ${line}`),
    "",
  ];
  return [
    ...proposals.flatMap(proposalLines),
    ...adoption.renamed.map((name) => `The frontend ${name} was renamed: it is the CCM's again.\n`),
    ...(added.length > 0 ? proposed : []),
    ...(isUsable ? steps(adoption, place(adoption.importFile), commands) : []),
  ].join("\n");
}

const NONE =
  "There is no private load balancer of this environment by the naming rule: name them with --load-balancer.";

function proposalLines({ loadBalancer, endpoint, obstacles, ...rest }: Proposal): string[] {
  if (!endpoint)
    return [`${loadBalancer}: not adopted`, ...obstacles.map((each) => `  ${each}`), ""];
  const list = (title: string, lines: string[]) =>
    lines.length === 0 ? [] : [`  ${title}`, ...lines.map((line) => `    - ${line}`)];
  return [
    `${loadBalancer}: ${endpoint.domain}`,
    ...list("stays as it is:", rest.keeps),
    ...list("the first up changes:", rest.changes),
    ...list("is not touched:", rest.notes),
    ...list("to be done before the first up:", rest.rename ? [renameWords(rest.rename)] : []),
    "",
  ];
}

function renameWords({ frontend, port, to }: NonNullable<Proposal["rename"]>): string {
  return `The frontend of port ${port} is called ${frontend.name}: the CCM knows it as ${to} only, and follows no change of the Service until it is called so. --rename-frontends annotates the Service with the certificate and then renames the frontend in place.`;
}

function steps(
  { proposals, added, written }: Adoption,
  importFile: string,
  { preview, up, adopt }: { preview: string; up: string; adopt: string },
): string[] {
  const isPending = proposals.some(({ rename }) => rename !== undefined);
  const lines = [
    ...(isPending ? [`${adopt} --rename-frontends`] : []),
    ...(written || added.length === 0 ? [] : [`${adopt} --write`]),
    `${IMPORT_VARIABLE}=${importFile} ${preview}`,
    `${IMPORT_VARIABLE}=${importFile} ${up}`,
  ];
  return [
    "Next:",
    ...lines.map((line, i) => `  ${i + 1}. ${line}`),
    `From then on without ${IMPORT_VARIABLE}: nothing of the adoption stays. Stop the script and its schedule.`,
  ];
}
