/** What a resource waits for, whether it says so or what it waits for does. */
import type { Registration } from "./recorder.ts";

/** @returns `<type>::<name>` of each, those that it names itself first */
export function awaited(registrations: Registration[], of: Registration): string[] {
  const found = new Set<string>();
  const follow = ({ dependencies }: Registration) => {
    for (const key of dependencies.map(keyOf)) {
      if (found.has(key)) continue;
      found.add(key);
      const next = registrations.find(({ type, name }) => `${type}::${name}` === key);
      if (next) follow(next);
    }
  };
  follow(of);
  return [...found];
}

/** `<type>::<name>` of `urn:pulumi:<stack>::<project>::<parent's type>$<type>::<name>` */
function keyOf(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  return `${types.slice(types.lastIndexOf("$") + 1)}::${name.join("::")}`;
}
