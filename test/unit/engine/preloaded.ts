// Started by preload.test.ts with the preload: requires what it defers, as the SDK does first and others after it.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const modules = () => Object.keys(require.cache).filter((file) => file.includes("arborist")).length;

const mine = require("@npmcli/arborist");
const typescript = require("typescript");
const before = modules();
const arborist = new mine.Arborist({ path: import.meta.dirname });
const theirs = require("@npmcli/arborist");
process.stdout.write(
  JSON.stringify({
    loadedBefore: before,
    loadedAfter: modules() > 10,
    isReal: arborist instanceof theirs.Arborist,
    othersHaveAll: typeof theirs.Shrinkwrap,
    tidied: require("normalize-package-data")({ name: "a ", version: "v1.0.0" }, () => {}) ?? "",
    isTraced:
      new (require("@opentelemetry/sdk-trace-node").NodeTracerProvider)().getTracer("a") !==
      undefined,
    automated: typeof require("@pulumi/pulumi/automation").LocalWorkspace.createOrSelectStack,
    parsed: typescript.createSourceFile("a.ts", "let a = 1", 1).statements.length,
  }),
);
