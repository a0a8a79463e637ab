/** `npm run docs`: renews what is generated of the documentation. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { configurationReference } from "./configurationReference.ts";
import { withDiagram } from "./diagrams/document.ts";
import { layersDiagram } from "./diagrams/layers.ts";
import { resourcesDiagram } from "./diagrams/resources.ts";

const { state } = new Command("npm run docs --")
  .description("Renews what is generated of the documentation.")
  .option("--state <file>", "also what is made from a stack's state, as its export writes it")
  .parse()
  .opts<{ state?: string }>();
const root = fileURLToPath(new URL("..", import.meta.url));

renew("docs/configuration.md", configurationReference);
renew("docs/architecture.md", (before) => {
  const text = withDiagram(before, "layers", layersDiagram(root));
  if (state === undefined) return text;
  return withDiagram(text, "resources", resourcesDiagram(JSON.parse(readFileSync(state, "utf8"))));
});

function renew(name: string, make: (before: string) => string): void {
  const file = path.join(root, name);
  const before = readFileSync(file, "utf8");
  const after = make(before);
  if (after !== before) writeFileSync(file, after);
  process.stdout.write(`${name}: ${after === before ? "as it was" : "made anew"}\n`);
}
