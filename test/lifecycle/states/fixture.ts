/** The stack whose state is kept of each release: an endpoint with every kind of resource of ours. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { ExportedState, StackRunner } from "../../../operate/stackRunner.ts";
import { createStackRunner } from "../../../sandbox/world/stack.ts";
import { copyStackFile, type StackSettings } from "../../../sandbox/world/stackFile.ts";
import type { World } from "../../../sandbox/world/startWorld.ts";

const projectDir = path.resolve(import.meta.dirname, "../../..");

/** What the secrets of the fixtures are encrypted with: throw-away, of worlds that are long gone. */
const PASSPHRASE = "throw-away";
/** What the certificates of the fixtures, and of the worlds that they come into, live for, s: none is ever due. */
export const PROFILES = { classic: 20 * 365 * 24 * 3600 };

/** A leak trigger, so that there is a revocation as well. */
function declareAged(settings: StackSettings): void {
  settings["private-lb:endpoints"] = [
    {
      domain: "aged.example.net",
      namespace: "ops-tools",
      profile: "classic",
      selector: { "app.kubernetes.io/name": "test" },
      aliases: ["alias.example.net"],
      alsoFrom: [{ network: "monitoring", domain: "peer.example.net" }],
      renewalTrigger: "leak-1",
    },
  ];
}

/** The stack in a world, with a state of its own by that name. */
export function agedRunner(world: World, folder: string, name: string): StackRunner {
  const configFile = path.join(folder, `Pulumi.${name}.yaml`);
  copyStackFile(path.join(projectDir, "Pulumi.staging.yaml"), configFile, declareAged);
  const env = { ...world.env, PULUMI_CONFIG_PASSPHRASE: PASSPHRASE };
  const stateDir = path.join(folder, name);
  return createStackRunner({ projectDir, stack: "staging", stateDir, configFile, env });
}

/** By release, the state that it has written. */
export const fixtures: [release: string, state: ExportedState][] = readdirSync(
  import.meta.dirname,
  {
    withFileTypes: true,
  },
)
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => {
    const file = path.join(import.meta.dirname, name, "state.json");
    return [name, JSON.parse(readFileSync(file, "utf8")) as ExportedState];
  });
