/** Which cluster: the context that a provider resource names, of its kubeconfig or the environment's. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import type { Props } from "../../engine/provider.ts";
import { text } from "../values.ts";

/**
 * The kubeconfig is a path or the text itself.
 * @throws Error when there is none, or when it does not have the context
 */
export function loadKubeConfig(env: NodeJS.ProcessEnv, config: Props): KubeConfig {
  const given = text(config["kubeconfig"]) || env["KUBECONFIG"] || join(homedir(), ".kube/config");
  const path = given.replace(/^~(?=\/|$)/, homedir());
  const isFile = existsSync(path);
  if (!isFile && !/[\n{]/.test(given)) throw new Error(`kubeconfig ${given}: no such file`);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(isFile ? readFileSync(path, "utf8") : given);
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
