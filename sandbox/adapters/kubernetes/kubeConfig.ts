/** Which cluster: the context that a provider resource names, of its kubeconfig or the environment's. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { type Props, UNKNOWN } from "../../engine/provider.ts";
import { equal, isAbsent, text } from "../values.ts";

/** @param given a path, or the text itself @throws Error when it is neither */
function readKubeConfig(given: string): KubeConfig {
  const path = given.replace(/^~(?=\/|$)/, homedir());
  const isFile = existsSync(path);
  if (!isFile && !/[\n{]/.test(given)) throw new Error(`kubeconfig ${given}: no such file`);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(isFile ? readFileSync(path, "utf8") : given);
  return kubeConfig;
}

/** @throws Error when there is no kubeconfig, or when it does not have the context */
export function loadKubeConfig(env: NodeJS.ProcessEnv, config: Props): KubeConfig {
  const given = text(config["kubeconfig"]) || env["KUBECONFIG"] || join(homedir(), ".kube/config");
  const kubeConfig = readKubeConfig(given);
  const context = text(config["context"]);
  if (context) kubeConfig.setCurrentContext(context);
  const current = kubeConfig.getContextObject(kubeConfig.getCurrentContext());
  if (!current) {
    const known = kubeConfig.getContexts().map(({ name }) => name);
    throw new Error(
      `context ${JSON.stringify(kubeConfig.getCurrentContext())} does not exist; the kubeconfig has ${known.join(", ") || "none"}`,
    );
  }
  const cluster = text(config["cluster"]);
  if (cluster) {
    kubeConfig.addContext({ ...current, name: `${current.name}@${cluster}`, cluster });
    kubeConfig.setCurrentContext(`${current.name}@${cluster}`);
  }
  return kubeConfig;
}

const IDENTIFIER = "clusterIdentifier";
const WHICH_CLUSTER = ["kubeconfig", "context", "cluster"];

/**
 * What of a provider's configuration leads to another cluster. An identifier decides alone, unless it is added or taken
 * away; without one the settings of the cluster are compared, where the kubeconfig of the configuration has them.
 * https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go (DiffConfig)
 */
export function otherCluster(old: Props, config: Props): string[] {
  const isChanged = (key: string) => !equal(old[key], config[key]);
  const isIdentified = !isAbsent(config[IDENTIFIER]);
  if (isIdentified && !isChanged(IDENTIFIER)) return [];
  const identifier = isIdentified && !isAbsent(old[IDENTIFIER]) ? [IDENTIFIER] : [];
  const unknown = WHICH_CLUSTER.find((key) => config[key] === UNKNOWN);
  if (unknown) return [...identifier, unknown];
  const [before, after] = [activeCluster(old), activeCluster(config)];
  const isOther = before && after && !equal(before, after);
  return isOther ? [...identifier, ...WHICH_CLUSTER.filter(isChanged)] : identifier;
}

/** Its settings without its name, or undefined when the configuration itself does not have them. */
function activeCluster(config: Props): Props | undefined {
  const given = text(config["kubeconfig"]);
  if (!given) return undefined;
  const kubeConfig = readKubeConfig(given);
  const context = config["context"] ?? kubeConfig.getCurrentContext();
  const active = kubeConfig.getContextObject(text(context))?.cluster;
  if (active === undefined) return undefined;
  const cluster = kubeConfig.getCluster(text(config["cluster"] ?? active));
  return cluster ? { ...cluster, name: undefined } : undefined;
}
