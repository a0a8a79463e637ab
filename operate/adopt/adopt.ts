/**
 * From clicks and the script to the stack: finds what there is, proposes the endpoints for the stack file, and writes the
 * import file for the first `up`. Nothing is written at any cloud but, where that is asked for, a frontend's name.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { certificatesOf } from "../../certificate/pem.ts";
import { IMPORT_VARIABLE, type ImportFile } from "../../config/adoption.ts";
import { pemRule } from "../../config/certificate.ts";
import { describeFault } from "../../config/faults.ts";
import { requireStackName, tags } from "../../config/naming.ts";
import { ConfigurationError, readStackConfig } from "../../config/stackConfig.ts";
import { MANY_ALIASES } from "../../config/yamlAliases.ts";
import type { Environment } from "../../dynamic/environment.ts";
import { type Proposal, propose } from "./proposal.ts";
import { renameFrontend } from "./rename.ts";
import { type EndpointSetting, readStackFile, withEndpoints } from "./stackFile.ts";
import { survey } from "./survey.ts";

const PROJECT = "private-lb";
/** For what is proposed, below the project's folder; git ignores it. */
const FOLDER = ".adopt";

export interface AdoptOptions {
  projectDir: string;
  stack: string;
  /** @default Pulumi.<stack>.yaml of the project */
  stackFile?: string;
  /** Names or ids. @default those of the environment by the naming rule */
  loadBalancers?: string[];
  /** Files with the PEM chain of a certificate in use, where no handshake can be made from here. */
  chainFiles?: string[];
  /** Puts the endpoints into the stack file. @default false */
  write?: boolean;
  /** Gives frontends the name that the CCM knows them by. @default false */
  renameFrontends?: boolean;
  /** The stack's state is lost: takes over what bears its mark. @default false */
  isStateLost?: boolean;
  env: Environment;
  now?: Date;
  signal?: AbortSignal;
}

export interface Adoption {
  stack: string;
  proposals: Proposal[];
  /** The endpoints that the stack file does not declare yet. */
  added: EndpointSetting[];
  /** The stack file with them: in place, or the proposal. */
  stackFile: string;
  /** For {@link IMPORT_VARIABLE} at the first `up`. */
  importFile: string;
  /** Names of the frontends that were renamed in this run. */
  renamed: string[];
  written: boolean;
}

/** @throws Error when a cloud refuses, the stack file has faults, or the stack's name is none */
export async function adopt(options: AdoptOptions): Promise<Adoption> {
  const { projectDir, stack, env, now = new Date(), write = false, signal } = options;
  requireStackName(stack);
  const source = options.stackFile ?? path.join(projectDir, `Pulumi.${stack}.yaml`);
  const { text, settings, domains, declared } = readStackFile(source);
  const chains = (options.chainFiles ?? []).map(readChain);
  const loadBalancers = options.loadBalancers ?? [];
  const found = await survey({ settings, declared, loadBalancers, chains, env });
  const [mark = ""] = tags({ project: PROJECT, stack }, "", "").slice(-1);
  const { isStateLost = false } = options;
  const how = { stack: mark.replace("stack=", ""), now, isStateLost };
  const proposed = found.map((each) => propose(each, settings, how));
  const isNew = ({ domain }: EndpointSetting) => !domains.includes(domain);
  const proposals = proposed.map((each) => checked(each, proposed, { text, isNew }));
  const renamed: string[] = [];
  if (options.renameFrontends)
    for (const each of proposals) {
      if (!each.rename) continue;
      await renameFrontend(each.rename, { settings, env, signal });
      renamed.push(each.rename.frontend.name);
      delete each.rename;
    }
  const added = endpointsOf(proposals).filter(isNew);
  const target = write ? source : path.join(projectDir, FOLDER, `Pulumi.${stack}.yaml`);
  const importFile = path.join(projectDir, FOLDER, `${stack}.json`);
  if (endpointsOf(proposals).length > 0) {
    mkdirSync(path.join(projectDir, FOLDER), { recursive: true });
    writeFileSync(target, withEndpoints(text, added));
    writeFileSync(importFile, `${JSON.stringify(importsOf(stack, proposals), null, 2)}\n`);
  }
  return { stack, proposals, added, stackFile: target, importFile, renamed, written: write };
}

const endpointsOf = (proposals: Proposal[]) =>
  proposals.flatMap(({ endpoint }) => (endpoint ? [endpoint] : []));

function importsOf(stack: string, proposals: Proposal[]): ImportFile {
  const entries = proposals.flatMap(({ endpoint, existing }) =>
    endpoint && existing ? [[endpoint.domain, existing] as const] : [],
  );
  return { stack, endpoints: Object.fromEntries(entries) };
}

/** An endpoint that the configuration would refuse is none: its faults are the obstacles. */
function checked(
  proposal: Proposal,
  all: Proposal[],
  { text, isNew }: { text: string; isNew: (endpoint: EndpointSetting) => boolean },
): Proposal {
  const { endpoint, loadBalancer } = proposal;
  if (!endpoint || !isNew(endpoint)) return proposal;
  const name = endpoint["loadBalancer"];
  const isSharer = (each: EndpointSetting) =>
    each === endpoint || (name !== undefined && each["loadBalancer"] === name && isNew(each));
  const obstacles = faultsOf(endpointsOf(all).filter(isSharer), text);
  if (obstacles.length === 0) return proposal;
  return { loadBalancer, obstacles, keeps: [], changes: [], notes: [] };
}

function faultsOf(endpoints: EndpointSetting[], text: string): string[] {
  const { config = {} } = parse(text, MANY_ALIASES) as { config?: Record<string, unknown> };
  const all = { ...config, [`${PROJECT}:endpoints`]: endpoints };
  const values = Object.entries(all).map(([key, value]) => [
    key.replace(`${PROJECT}:`, ""),
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  try {
    readStackConfig(Object.fromEntries(values));
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    // Of the settings, encrypted ones cannot be read here.
    return error.faults
      .filter(({ path: at }) => at.startsWith("endpoints"))
      .map((fault) => `the configuration refuses it: ${describeFault(fault)}`);
  }
}

export { IMPORT_VARIABLE };

/** The certificates of a file alone, PEM. @throws Error naming the file when it is none of certificates */
function readChain(file: string): string {
  const text = readFileSync(file, "utf8");
  const fault = pemRule(text);
  if (fault) throw new Error(`${file} is no chain of certificates: ${fault}`);
  return certificatesOf(text).join("");
}
