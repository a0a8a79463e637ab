/**
 * Runs first in the program and in the dynamic provider. A run starts both anew, and half of a start went into
 * modules of the SDK that hardly any run uses, and into source maps of the SDK's own stack traces.
 */
import { createRequire, type Module } from "node:module";
import path from "node:path";

// Standard input is a pipe from the engine: a word on it asks to exit, and its end says that the engine was killed.
const isOrphan =
  process.env["PRIVATE_LB_SANDBOX_ORPHANS"] === "1" &&
  /dynamic-provider/.test(process.argv[1] ?? "");
process.stdin
  .on("data", () => process.exit(1))
  .on("end", () => isOrphan || process.exit(1))
  .on("error", () => {})
  .resume()
  .unref();

const sdk = createRequire(process.argv[1] as string);
const cache = sdk.cache as Record<string, Pick<Module, "exports" | "filename" | "id" | "loaded">>;

// For the packages that a function in the state needs (`computeCodePaths`).
defer("@npmcli/arborist", functionsOf);
defer("normalize-package-data", functionOf);
// For functions that become text for the state: the program's, never the dynamic provider's.
defer("typescript", allOf);
// For programs that start Pulumi themselves.
defer("@pulumi/pulumi/automation", allOf);
// For a run that is traced (`--tracing`).
for (const name of ["sdk-trace-base", "sdk-trace-node", "resources", "exporter-zipkin"])
  defer(`@opentelemetry/${name}`, functionsOf);
for (const name of ["instrumentation", "instrumentation-grpc"])
  defer(`@opentelemetry/${name}`, functionsOf);
mapNoSdkTraces();

/** Hands a stand-in to the first that requires the module, which is the SDK, and the module itself to all others. */
function defer(name: string, standInFor: (load: Load) => object): void {
  const filename = find(name);
  if (filename === undefined) return;
  const standIn = standInFor(() => sdk(filename));
  cache[filename] = {
    id: filename,
    filename,
    loaded: true,
    get exports() {
      delete cache[filename];
      return standIn;
    },
  };
}

type Load = () => unknown;
type Functions = Record<string | symbol, unknown>;

/** A module that is one function. */
function functionOf(load: Load): object {
  return new Proxy(function deferred() {}, {
    apply: (_, self, args) => Reflect.apply(load() as () => unknown, self, args),
    construct: (_, args) => Reflect.construct(load() as new () => object, args),
  });
}

/** A module of functions and classes, which are taken out of it before they are used. */
function functionsOf(load: Load): object {
  return new Proxy({}, { get: (_, key) => functionOf(() => (load() as Functions)[key]) });
}

/** A module whose exports are anything, and are taken out of it when they are used. */
function allOf(load: Load): object {
  return new Proxy({}, { get: (_, key) => key === "__esModule" || (load() as Functions)[key] });
}

function find(name: string): string | undefined {
  try {
    return sdk.resolve(name);
  } catch {
    // Another version of the SDK, which has no use for it.
    return undefined;
  }
}

/** The SDK takes a stack trace at every promise, and would parse the maps of its own files for it. */
function mapNoSdkTraces(): void {
  const modules = path.sep + path.join("node_modules", path.sep);
  const none = { url: null, map: { version: 3, sources: [], names: [], mappings: "" } };
  if (find("source-map-support") === undefined) return;
  sdk("source-map-support").install({
    retrieveSourceMap: (file: string) => (file.includes(modules) ? none : null),
  });
}
