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
export const SHARED = "private-lb:index:SharedLoadBalancer";

/**
 * @param secrets whether to read secrets in plain
 * @throws Error naming the first resource that is none
 */
export async function stateResources(
  runner: Pick<StackRunner, "exportState">,
  { secrets = false } = {},
): Promise<StateResource[]> {
  const { deployment } = await runner.exportState({ showSecrets: secrets });
  const { resources = [] } = (isObject(deployment) ? deployment : {}) as { resources?: unknown };
  if (!Array.isArray(resources)) throw new Error("the stack's state has no list of resources");
  return resources.map((resource: unknown, index) => {
    if (isResource(resource)) return resource;
    throw new Error(`the stack's state is damaged: resource ${index + 1} in it is none`);
  });
}

function isResource(value: unknown): value is StateResource {
  if (!isObject(value)) return false;
  const { urn, type, outputs, parent } = value;
  const isText = typeof urn === "string" && typeof type === "string";
  const isPlaced = parent === undefined || typeof parent === "string";
  return isText && isPlaced && (outputs === undefined || isObject(outputs));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The resource's own name, the last part of its URN. */
export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}
