/** Resource names: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns */
export const ROOT_TYPE = "pulumi:pulumi:Stack";
const PROVIDER_PREFIX = "pulumi:providers:";

export interface Urn {
  stack: string;
  project: string;
  /** Types of the parents and the resource's own, joined by `$`. */
  qualifiedType: string;
  type: string;
  name: string;
}

/** @throws Error when the text is no URN */
export function parseUrn(urn: string): Urn {
  const [stack, project, qualifiedType, ...name] = urn.split("::");
  if (!stack?.startsWith("urn:pulumi:") || !project || !qualifiedType || name.length === 0)
    throw new Error(`not a URN: ${urn}`);
  return {
    stack: stack.slice("urn:pulumi:".length),
    project,
    qualifiedType,
    type: qualifiedType.split("$").at(-1) as string,
    name: name.join("::"),
  };
}

export const nameOf = (urn: string): string => parseUrn(urn).name;

/** @param parentType qualified type of the parent; none for the stack and its direct children */
export function makeUrn(
  stack: string,
  project: string,
  parentType: string,
  type: string,
  name: string,
): string {
  const qualified = parentType && parentType !== ROOT_TYPE ? `${parentType}$${type}` : type;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

export const isProviderType = (type: string): boolean => type.startsWith(PROVIDER_PREFIX);
export const providerType = (pkg: string): string => PROVIDER_PREFIX + pkg;
export const packageOf = (type: string): string =>
  isProviderType(type) ? type.slice(PROVIDER_PREFIX.length) : (type.split(":")[0] as string);

export const isDefaultProvider = (urn: string): boolean => {
  const { type, name } = parseUrn(urn);
  return isProviderType(type) && /^default(_|$)/.test(name);
};

/** Provider reference `<urn>::<id>`, as resources and the SDK carry it. */
export function parseReference(reference: string): { urn: string; id: string } {
  const at = reference.lastIndexOf("::");
  if (at < 0) throw new Error(`not a provider reference: ${reference}`);
  return { urn: reference.slice(0, at), id: reference.slice(at + 2) };
}
