/** The stack file that adoption reads, and the one that it proposes: the same with the endpoints that were found. */
import { readFileSync } from "node:fs";
import { type Document, parseDocument } from "yaml";
import { z } from "zod";
import { describeFault, faultOf } from "../../config/faults.ts";
import { settingsShape } from "../../config/schema.ts";
import { MANY_ALIASES } from "../../config/yamlAliases.ts";
import { type DeclaredEndpoint, declaredEndpoints } from "./declared.ts";

const PREFIX = "private-lb:";
const ENDPOINTS = `${PREFIX}endpoints`;

/** What adoption needs to know of the environment. */
const schema = z.object(settingsShape).pick({
  environment: true,
  zone: true,
  network: true,
  kubeContext: true,
  dnsZones: true,
});

export interface Settings {
  environment: string;
  /** Scaleway zone. */
  zone: string;
  /** Name of the environment's own private network. */
  network: string;
  kubeContext: string;
  /** The id is known where the file has it. */
  dnsZones: { name: string; id?: string | undefined }[];
}

/** An endpoint as a stack file has it. */
export interface EndpointSetting {
  domain: string;
  [key: string]: unknown;
}

export interface StackFile {
  text: string;
  settings: Settings;
  /** Domains that it declares already. */
  domains: string[];
  /** Those of them that have no fault. */
  declared: DeclaredEndpoint[];
}

/** @throws Error with every fault of the settings that adoption needs, or when the file cannot be read */
export function readStackFile(file: string): StackFile {
  const text = contentOf(file);
  const config = (documentOf(text, file).toJS(MANY_ALIASES) as { config?: Record<string, unknown> })
    .config;
  const given = Object.fromEntries(
    Object.entries(config ?? {}).map(([key, value]) => [key.replace(PREFIX, ""), value]),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => describeFault(faultOf(issue, given, [])));
    throw new Error(`${file}: ${faults.join("; ")}`);
  }
  const list: unknown = given["endpoints"];
  const endpoints: Partial<EndpointSetting | null>[] = Array.isArray(list) ? list : [];
  return {
    ...{ text, settings: parsed.data },
    domains: endpoints.map((endpoint) => endpoint?.domain ?? ""),
    declared: declaredEndpoints(endpoints, parsed.data),
  };
}

/** The same file, comments and all, with further endpoints at the end of the list. */
export function withEndpoints(text: string, endpoints: EndpointSetting[]): string {
  if (endpoints.length === 0) return text;
  const document = documentOf(text, "the stack file");
  const place = ["config", ENDPOINTS];
  const list = document.getIn(place);
  if (list === undefined || list === null) document.setIn(place, document.createNode([]));
  // A list that was written as [] goes on in lines.
  const node = document.getIn(place) as { flow?: boolean };
  node.flow = false;
  for (const endpoint of endpoints) document.addIn(place, document.createNode(endpoint));
  return document.toString({ lineWidth: 0 });
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error(
      `There is no ${file}: write the environment into it first (network, kubeContext, dnsZones and so on), with an empty list of endpoints.`,
    );
  }
}

function documentOf(text: string, file: string): Document {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new Error(`${file}: ${error.message}`);
  return document;
}
