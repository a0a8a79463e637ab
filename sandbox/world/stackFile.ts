/** A stack file of the project with changes, as a copy: how the tour and the tests edit a configuration. */
import { readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { MANY_ALIASES } from "../../config/yamlAliases.ts";

export interface EndpointSetting {
  domain: string;
  [key: string]: unknown;
}

export interface StackSettings {
  "private-lb:endpoints": EndpointSetting[];
  [key: string]: unknown;
}

export function readStackFile(file: string): StackSettings {
  return (parse(readFileSync(file, "utf8"), MANY_ALIASES) as { config: StackSettings }).config;
}

/** Reads `from`, lets `edit` change its `config`, and writes the result to `to`. */
export function copyStackFile(
  from: string,
  to: string,
  edit: (settings: StackSettings) => void = () => {},
): void {
  const file = parse(readFileSync(from, "utf8"), MANY_ALIASES) as { config: StackSettings };
  edit(file.config);
  writeFileSync(to, stringify(file));
}
