/** `pulumi stack import` of the local engine: the same checks, and what it leaves out. */
import type { ExportedState } from "../../operate/stackRunner.ts";
import { decodeSnapshot, type StateFile, saltOf } from "./deploymentJson.ts";
import { Crypter } from "./secrets.ts";
import { dependenciesOf, type ResourceState } from "./state.ts";
import type { StateStore } from "./stateStore.ts";
import { parseUrn } from "./urn.ts";

export interface ImportOptions {
  stack: string;
  /** What the state's secrets were encrypted with, and will be again. */
  passphrase: string;
}

/**
 * @returns warnings of the operations that were left out
 * @throws Error that names every fault of the state
 */
export async function importState(
  store: StateStore,
  { stack, passphrase }: ImportOptions,
  state: ExportedState,
): Promise<string[]> {
  if (typeof state?.deployment !== "object" || state.deployment === null)
    throw new Error("this is no exported state: it has no deployment");
  const file = state as StateFile;
  const crypter = await open(passphrase, saltOf(file));
  const { resources, operations } = decodeSnapshot(file, crypter);
  const faults = [...strangers(resources, stack), ...broken(resources)];
  if (faults.length > 0) throw new Error(`the state is not imported: ${faults.join("; ")}`);
  await store.replace({ resources, operations: [] }, crypter);
  return operations.map(
    ({ type, resource: { urn } }) =>
      `removing pending operation '${type}' on '${urn}' from snapshot`,
  );
}

async function open(passphrase: string, salt: string | undefined): Promise<Crypter> {
  try {
    return await Crypter.open(passphrase, salt);
  } catch (error) {
    throw new Error(
      `${(error as Error).message}: give the one that the state was encrypted with, or export it with --show-secrets`,
    );
  }
}

const strangers = (resources: ResourceState[], stack: string): string[] =>
  resources
    .filter(({ urn }) => parseUrn(urn).stack !== stack)
    .map(({ urn }) => `${urn} is of another stack than ${stack}`);

/** What a resource refers to stands before it, and no name is taken twice. */
function broken(resources: ResourceState[]): string[] {
  const before = new Set<string>();
  return resources.flatMap((resource) => {
    const { urn, parent } = resource;
    const needed = [...(parent ? [parent] : []), ...dependenciesOf(resource)];
    const missing = needed.filter((other) => !before.has(other));
    const isTwice = before.has(urn) && !resource.delete;
    before.add(urn);
    return [
      ...missing.map((other) => `${urn} refers to ${other}, which does not stand before it`),
      ...(isTwice ? [`${urn} is there twice`] : []),
    ];
  });
}
