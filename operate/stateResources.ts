/** The resources of a stack's state, as all that reports on a stack reads them. */
import type { StackRunner } from "./stackRunner.ts";

export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  parent?: string;
  /** Replaced, and still to be deleted. */
  delete?: boolean;
  outputs?: Record<string, unknown>;
}

export const ENDPOINT = "private-lb:index:PrivateEndpoint";

/** @param secrets whether to read secrets in plain */
export async function stateResources(
  runner: Pick<StackRunner, "exportState">,
  { secrets = false } = {},
): Promise<StateResource[]> {
  const { deployment } = await runner.exportState({ showSecrets: secrets });
  return (deployment as { resources?: StateResource[] }).resources ?? [];
}

/** The resource's own name, the last part of its URN. */
export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}
