import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { parse } from "yaml";

/**
 * The contexts of the run's kubeconfig, by client-go's rules, which the plugin follows: the files that KUBECONFIG lists,
 * of which some may be missing, or else the user's own
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/).
 *
 * @throws Error when none of the files is there, or one cannot be read
 */
export async function kubeContexts(env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  const listed = env["KUBECONFIG"]?.split(path.delimiter).filter((file) => file !== "") ?? [];
  const files = listed.length > 0 ? listed : [path.join(homedir(), ".kube", "config")];
  const found = (await Promise.all(files.map(contextsOf))).filter((names) => names !== undefined);
  if (found.length === 0) throw new Error(`there is no kubeconfig at ${files.join(", ")}`);
  return [...new Set(found.flat())];
}

/** Undefined when there is no such file. */
async function contextsOf(file: string): Promise<string[] | undefined> {
  const content = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (content === undefined) return undefined;
  let document: unknown;
  try {
    document = parse(content);
  } catch (error) {
    // The parser's message shows lines of the file, in which credentials may stand.
    throw new Error(`the kubeconfig ${file} is no YAML`, {
      cause: (error as { code?: unknown }).code,
    });
  }
  const { contexts } = (document ?? {}) as { contexts?: unknown };
  const list: unknown[] = Array.isArray(contexts) ? contexts : [];
  return list.flatMap((context) => {
    const { name } = (context ?? {}) as { name?: unknown };
    return typeof name === "string" ? [name] : [];
  });
}
