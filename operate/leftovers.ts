/**
 * What bears a stack's mark and is not in its state: a run that was killed between a creation and the saving of it has
 * left it. The state says where to look: before an endpoint's first resource is made, its preflight is saved, with all
 * names, marks and places of the endpoint.
 */
import { bareId } from "../frontend/bareId.ts";
import type { PreflightInputs } from "../preflight/provider.ts";
import type { StackRunner } from "./stackRunner.ts";

/** Something that the vendors have, in the order in which it can be deleted. */
export interface Found {
  /** For people: `load balancer`. */
  kind: string;
  /** Pulumi's type token. */
  type: string;
  name: string;
  /** As Pulumi's state has it. */
  id: string;
  /** A command of bash, with the run's environment, that deletes it. */
  remove: string;
}

export interface Leftover extends Found {
  /** A `pulumi` command that takes it into the state, where a run has noted that it was creating it. */
  adopt?: string;
}

export interface Leftovers {
  leftovers: Leftover[];
  /** Creations that were begun and whose end no run has seen: URNs. */
  pending: string[];
}

/** Looks for everything of an endpoint. @throws Error with the vendor's words */
export type Search = (endpoint: PreflightInputs) => Promise<Found[]>;

interface Resource {
  urn: string;
  type: string;
  id?: string;
  outputs?: Record<string, unknown>;
}

interface State {
  resources?: Resource[];
  pending_operations?: { type: string; resource: Resource }[];
}

const PREFLIGHT = "pulumi-nodejs:dynamic/lb:Preflight";

/** Changes nothing. @throws Error when the state or a vendor cannot be read */
export async function findLeftovers(
  runner: Pick<StackRunner, "exportState">,
  stack: string,
  search: Search,
): Promise<Leftovers> {
  const { deployment } = await runner.exportState();
  const { resources = [], pending_operations: operations = [] } = deployment as State;
  const endpoints = resources.filter(({ type }) => type === PREFLIGHT);
  const found = await Promise.all(
    endpoints.map(async ({ outputs }) => {
      const endpoint = outputs as unknown as PreflightInputs;
      const all = await search(endpoint);
      // Before a run took it over there was nothing of it that a run has made.
      const adopted = new Set(endpoint.adopted);
      return all
        .filter(({ id }) => !adopted.has(id) && !adopted.has(bareId(id)))
        .map((each) => ({ ...each, domain: endpoint.domain }));
    }),
  );
  const creating = operations
    .filter(({ type }) => type === "creating")
    .map(({ resource }) => resource);
  const isHeld = ({ type, id }: Found) =>
    resources.some((resource) => resource.type === type && resource.id === id);
  return {
    leftovers: found
      .flat()
      .filter((each) => !isHeld(each))
      .map(({ domain, ...each }) => {
        const begun = creating.filter(
          ({ urn, type }) => type === each.type && isOf(domain, nameOf(urn)),
        );
        const [only, ...others] = begun;
        // Of two creations it is not known which one this is.
        return only && others.length === 0
          ? { ...each, adopt: adoption(stack, only.urn, each.id) }
          : each;
      }),
    pending: creating.map(({ urn }) => urn),
  };
}

/** https://www.pulumi.com/docs/iac/cli/commands/pulumi_refresh/ */
function adoption(stack: string, urn: string, id: string): string {
  const option = (value: string) => `--import-pending-creates ${quoted(value)}`;
  return `pulumi refresh --stack ${stack} ${option(urn)} ${option(id)}`;
}

/** For a shell. */
export const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** An endpoint's resources bear its domain as their name, or begin with it. */
const isOf = (domain: string, name: string) => name === domain || name.startsWith(`${domain}-`);
const nameOf = (urn: string) => urn.split("::").at(-1) ?? "";
