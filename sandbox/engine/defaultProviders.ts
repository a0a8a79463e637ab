/** Default providers: resources of their own in the state, made when the first resource of their package needs one. */
import type { EventQueue } from "./deployment.ts";
import { DYNAMIC_PACKAGE } from "./dynamicProvider.ts";
import type { StackConfig } from "./project.ts";
import { emptyGoal } from "./state.ts";
import { providerType } from "./urn.ts";
import { type PropertyMap, secret } from "./value.ts";

export class DefaultProviders {
  readonly #events: EventQueue;
  readonly #config: StackConfig;
  readonly #references = new Map<string, Promise<string>>();

  constructor(events: EventQueue, config: StackConfig) {
    this.#events = events;
    this.#config = config;
  }

  /** @returns the reference to the provider */
  get(pkg: string, version: string, url: string): Promise<string> {
    const key = [pkg, version, url].join(" ");
    const known = this.#references.get(key) ?? this.#register(pkg, version, url.replace(/\/$/, ""));
    this.#references.set(key, known);
    return known;
  }

  #register(pkg: string, version: string, url: string): Promise<string> {
    if (this.#isDenied(pkg))
      return Promise.reject(
        new Error(`default provider for '${pkg}' disabled; pass an explicit provider instead`),
      );
    const inputs = this.#packageConfig(pkg);
    if (version) inputs["version"] = version;
    if (url) inputs["__internal"] = { pluginDownloadURL: url };
    return new Promise((resolve) =>
      this.#events.push({
        kind: "register",
        goal: { ...emptyGoal, type: providerType(pkg), name: defaultName(version, url), inputs },
        answer: ({ urn, id }) => resolve(`${urn}::${id}`),
      }),
    );
  }

  /** The stack's configuration of the package; dynamic providers get all of it. */
  #packageConfig(pkg: string): PropertyMap {
    const inputs: PropertyMap = {};
    for (const [key, value] of Object.entries(this.#config.values)) {
      const [namespace, ...name] = key.split(":");
      const isSecret = this.#config.secretKeys.includes(key);
      const shown = isSecret ? secret(value) : value;
      if (pkg === DYNAMIC_PACKAGE) inputs[key] = shown;
      else if (namespace === pkg) inputs[name.join(":")] = shown;
    }
    return inputs;
  }

  #isDenied(pkg: string): boolean {
    const denied = this.#config.values["pulumi:disable-default-providers"];
    const packages = denied ? (JSON.parse(denied) as string[]) : [];
    return packages.some((name) => name === "*" || name === pkg);
  }
}

/** As Pulumi names them, e.g. `default_1_54_0_github_/api.github.com/pulumiverse`. */
function defaultName(version: string, url: string): string {
  const parts = version ? version.split(/[.+-]/) : [];
  const location = url
    .replace(/[^A-Za-z0-9_./-]/g, "_")
    .split("/")
    .filter(Boolean)
    .join("/");
  return ["default", ...parts, ...(location ? [location] : [])].join("_");
}
