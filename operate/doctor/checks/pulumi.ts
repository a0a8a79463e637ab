/** The Pulumi CLI and its plugins against package-lock.json: https://www.pulumi.com/docs/iac/cli/commands/pulumi_plugin_ls/ */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { Environment } from "../../../dynamic/environment.ts";
import { type Check, type Finding, failed, ok, warning } from "../check.ts";

const execute = promisify(execFile);

/** Packages that come with a plugin of the same version, by the plugin's name. */
const PLUGINS: Record<string, string> = {
  cloudflare: "@pulumi/cloudflare",
  kubernetes: "@pulumi/kubernetes",
  scaleway: "@pulumiverse/scaleway",
  tls: "@pulumi/tls",
};
const SDK = "@pulumi/pulumi";
const INSTALL = "https://www.pulumi.com/docs/install/";

/** @param projectDir folder of package-lock.json */
export function pulumiCheck(projectDir: string): Check<Environment> {
  return {
    title: "Pulumi",
    async run(env, signal) {
      const locked = await lockedVersions(projectDir);
      const pulumi = async (...args: string[]) => {
        const { stdout } = await execute("pulumi", args, { cwd: projectDir, env, signal });
        return stdout;
      };

      let version: string;
      try {
        version = (await pulumi("version")).trim().replace(/^v/, "");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        return [failed("there is no `pulumi` command on the PATH", `Install it: ${INSTALL}`)];
      }
      const list = JSON.parse(await pulumi("plugin", "ls", "--json")) as Plugin[];
      return [...cli(version, locked[SDK] ?? ""), ...plugins(list, locked)];
    },
  };
}

interface Plugin {
  name: string;
  version?: string;
}

async function lockedVersions(projectDir: string): Promise<Record<string, string>> {
  const text = await readFile(path.join(projectDir, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(text) as { packages: Record<string, { version?: string }> };
  const names = [SDK, ...Object.values(PLUGINS)];
  return Object.fromEntries(
    names.map((name) => [name, packages[`node_modules/${name}`]?.version ?? ""]),
  );
}

/** An older CLI may not know what the SDK asks it; a newer one knows older SDKs. */
function cli(version: string, sdk: string): Finding[] {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [sdkMajor = 0, sdkMinor = 0] = sdk.split(".").map(Number);
  const install = `Install a newer one: ${INSTALL}`;
  if (major !== sdkMajor)
    return [failed(`the CLI is ${version}, and ${SDK} in package-lock.json ${sdk}`, install)];
  if (minor < sdkMinor)
    return [
      warning(`the CLI is ${version}, older than ${SDK} ${sdk} of package-lock.json`, install),
    ];
  return [ok(`the CLI is ${version}, for ${SDK} ${sdk}`)];
}

function plugins(list: Plugin[], locked: Record<string, string>): Finding[] {
  const missing = Object.entries(PLUGINS).flatMap(([name, npm]) => {
    const there = list.filter((plugin) => plugin.name === name).map(({ version = "?" }) => version);
    const wanted = locked[npm] ?? "";
    if (there.some((version) => version.replace(/^v/, "") === wanted)) return [];
    const instead = there.length > 0 ? ` (there is ${there.join(", ")})` : "";
    return [`${name} ${wanted}${instead}`];
  });
  if (missing.length === 0) return [ok("the plugins are those of package-lock.json")];
  const advice = "The next run downloads them; `pulumi install` does so beforehand";
  return [warning(`plugins that are not installed: ${missing.join(", ")}`, advice)];
}
