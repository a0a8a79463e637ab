/** A sandbox of its own for a measurement, and stacks of the project in it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RunResult, StackRunner } from "../operate/stackRunner.ts";
import { issueBare } from "../sandbox/client/bareIssuance.ts";
import type { ApiCall, ApiName } from "../sandbox/clouds/api.ts";
import { createStackRunner } from "../sandbox/world/stack.ts";
import { copyStackFile, type StackSettings } from "../sandbox/world/stackFile.ts";
import { startWorld, type World, type WorldOptions } from "../sandbox/world/startWorld.ts";

export interface Bench {
  world: World;
  /** Is removed with the sandbox. */
  folder: string;
  /** A stack whose file is the project's one with changes; asked again, the file is written anew. */
  stack(name: string, edit?: (settings: StackSettings) => void): StackRunner;
}

export const APIS: ApiName[] = ["acme", "cloudflare", "scaleway", "kubernetes"];

export async function inWorld<T>(
  projectDir: string,
  measure: (bench: Bench) => Promise<T>,
  options: Omit<WorldOptions, "folder"> = {},
): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), "private-lb-bench-"));
  // As an authority in service: no good nonce is refused by chance, and by the time of a renewal no authorization is left.
  const caprice = { nonceReject: 0, authorizationReuse: 0 };
  // A zone of the free plan has room for 200 records: for fewer endpoints, with the records of their challenges.
  const cloudflarePlan = "pro";
  const world = await startWorld({ caprice, cloudflarePlan, ...options, folder });
  const stack: Bench["stack"] = (name, edit) => {
    const configFile = path.join(folder, `Pulumi.${name}.yaml`);
    copyStackFile(path.join(projectDir, `Pulumi.${name}.yaml`), configFile, edit);
    const stateDir = path.join(folder, "state");
    return createStackRunner({ projectDir, stack: name, stateDir, configFile, env: world.env });
  };
  try {
    return await measure({ world, folder, stack });
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** So many endpoints as the first of the project's staging stack. */
export const manyEndpoints =
  (count: number, more: Record<string, unknown> = {}) =>
  (settings: StackSettings): void => {
    const [model] = settings["private-lb:endpoints"];
    settings["private-lb:endpoints"] = Array.from({ length: count }, (_, i) => ({
      ...model,
      ...more,
      domain: `tool-${i}.example.net`,
    }));
  };

/** @throws Error with what the run said. */
export function succeed(result: RunResult): RunResult {
  if (!result.ok) throw new Error(result.errors.join("; ") || "the run failed without a word");
  return result;
}

/** @throws Error when the run failed or came to anything but what is there. */
export function changeNothing(result: RunResult): RunResult {
  const changed = Object.keys(succeed(result).summary).filter((op) => op !== "same");
  if (changed.length > 0) throw new Error(`the run is to change nothing: ${changed}`);
  return result;
}

/** The User-Agents of the CCM towards Scaleway and towards its cluster. */
export const CCM_CLIENT = /ccm|cloud-controller-manager/;

export const isOfCcm = ({ client = "" }: ApiCall): boolean => CCM_CLIENT.test(client);

/** A certificate of a name of its own by acme-client alone: the floor. */
export async function issueBareOne({ acme, cloudflare }: World): Promise<void> {
  await issueBare({
    directoryUrl: acme.directoryUrl,
    ca: acme.caPem,
    cloudflare: { ...cloudflare, zoneId: cloudflare.zoneId("example.org") },
    names: [`bare-${crypto.randomUUID()}.example.org`],
    // As the endpoints': to make a key of RSA takes longer than all else of an issuance.
    keyType: "ec256",
  });
}
