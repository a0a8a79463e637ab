/** What the rules of the policy pack say of a stack's state. */
import { stackConfigOf } from "../../config/stackConfig.ts";
import { declaredBy } from "../../policy/rules.ts";
import { judge, type Recorded } from "../unit/policy/judge.ts";
import type { Stack } from "./stage.ts";

/** `<rule>: <message>` for each violation. */
export async function violationsOf({ runner, env }: Stack): Promise<string[]> {
  const { deployment } = await runner.exportState();
  const { resources = [] } = deployment as { resources?: Partial<Recorded>[] };
  const recorded = resources.map(({ urn = "", type = "", inputs = {}, outputs = {}, ...rest }) => {
    return { ...rest, urn, type, name: urn.split("::").at(-1) ?? "", inputs, outputs };
  });
  return judge(recorded, declaredBy(stackConfigOf(await runner.configuration(), env)));
}
