/** `npm run docs`: renews what is generated of the documentation. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { configurationReference } from "./configurationReference.ts";

const file = fileURLToPath(new URL("../docs/configuration.md", import.meta.url));
writeFileSync(file, configurationReference());
process.stdout.write(`${file} is made anew.\n`);
