/** Finds Pebble, Let's Encrypt's ACME test server, or installs the pinned version into a cache folder. */
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { alone } from "../../setup/lock.mjs";
import { type Download, downloadPebble, PEBBLE_VERSION, releasePlatform } from "./pebbleRelease.ts";

const run = promisify(execFile);
const MODULE = "github.com/letsencrypt/pebble/v2";
/** 2.10 is the first to answer `alreadyReplaced` (RFC 9773, section 5). */
const OLDEST_MINOR = 10;

export interface PebbleOptions {
  /** Told one sentence at each step that takes time. */
  onProgress?: (message: string) => void;
  /** @default process.env */
  env?: NodeJS.ProcessEnv;
  /**
   * Where an installed binary is kept; the first that can be written.
   * @default $XDG_CACHE_HOME/private-lb (or ~/.cache/private-lb), then node_modules/.cache/private-lb
   */
  cacheFolders?: readonly string[];
  download?: Download;
}

/**
 * The path of a Pebble binary: on PATH in a compatible version (2.10 or newer, below 3), else in the cache, else
 * built with Go, else the pinned release.
 * @throws one sentence that names what to install when every way failed.
 */
export async function ensurePebble(options: PebbleOptions = {}): Promise<string> {
  const { env = process.env, onProgress = () => undefined } = options;
  const found = await findOnPath(env);
  if (found !== undefined) return found;
  const file = `pebble-${PEBBLE_VERSION}-${process.platform}-${process.arch}`;
  const folder = await writableFolder(options.cacheFolders ?? cacheFolders(env));
  const cached = join(folder, file);
  if (await isExecutable(cached)) return cached;

  const onWait = () => onProgress("Waiting for another command that installs Pebble");
  await alone(`${cached}.lock`, onWait, async () => {
    if (!(await isExecutable(cached))) await installInto(folder, cached, options);
  });
  return cached;
}

async function installInto(
  folder: string,
  cached: string,
  { env = process.env, onProgress = () => undefined, download }: PebbleOptions,
): Promise<void> {
  // Beside its final place, so that the rename is atomic: another run sees a whole binary or none.
  const temporary = await mkdtemp(join(folder, ".install-"));
  try {
    await rename(await install(temporary, env, onProgress, download), cached);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function cacheFolders(env: NodeJS.ProcessEnv): string[] {
  const xdg = env["XDG_CACHE_HOME"];
  // The XDG specification: a path that is not absolute is to be ignored.
  const user = xdg && isAbsolute(xdg) ? xdg : join(homedir(), ".cache");
  const project = join(import.meta.dirname, "..", "..", "node_modules", ".cache");
  return [join(user, "private-lb"), join(project, "private-lb")];
}

async function writableFolder(folders: readonly string[]): Promise<string> {
  for (const folder of folders) {
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK);
      return folder;
    } catch {
      // A home that belongs to another user, or a read-only one: the next.
    }
  }
  throw new Error(`Pebble needs a writable folder, one of ${folders.join(", ")}`);
}

async function install(
  folder: string,
  env: NodeJS.ProcessEnv,
  onProgress: (message: string) => void,
  download?: Download,
): Promise<string> {
  const failures: string[] = [];
  try {
    onProgress(`Building Pebble ${PEBBLE_VERSION} with Go (once, about 10 s)`);
    return await build(folder, env);
  } catch (error) {
    failures.push(goFailure(error));
  }
  try {
    onProgress(`Downloading Pebble ${PEBBLE_VERSION} (once)`);
    const path = join(folder, "release");
    const platform = releasePlatform(process.platform, process.arch);
    await writeFile(path, await downloadPebble(platform, download), { mode: 0o755 });
    return path;
  } catch (error) {
    failures.push(`the release: ${reason(error)}`);
  }
  throw new Error(
    `Pebble (ACME test server) is missing: install Go from https://go.dev/dl (Debian: apt install golang-go), ` +
      `or put pebble ${PEBBLE_VERSION} on PATH. Tried: ${failures.join("; ")}`,
  );
}

async function build(folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const options = { env: { ...env, GOBIN: folder }, timeout: 300_000 };
  await run("go", ["install", `${MODULE}/cmd/pebble@v${PEBBLE_VERSION}`], options);
  return join(folder, "pebble");
}

function goFailure(error: unknown): string {
  const { code, stderr } = error as { code?: unknown; stderr?: string };
  if (code === "ENOENT") return "go is not on PATH";
  return `go install: ${stderr?.trim().split("\n").at(-1) || reason(error)}`;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

async function findOnPath(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, "pebble");
    if (isAbsolute(folder) && (await isExecutable(path)) && isCompatible(await version(path))) {
      return path;
    }
  }
  return undefined;
}

function isCompatible(found: string | undefined): boolean {
  const [major, minor] = (found ?? "").split(".").map(Number);
  return major === 2 && minor !== undefined && minor >= OLDEST_MINOR;
}

/**
 * From the module information that Go leaves in a binary, since one built by `go install` calls itself
 * «dev». Undefined for another program of this name, such as Canonical's service manager.
 */
async function version(path: string): Promise<string | undefined> {
  const binary = await readFile(path).catch(() => Buffer.alloc(0));
  const marker = `mod\t${MODULE}\tv`;
  const at = binary.indexOf(marker, 0, "latin1");
  if (at < 0) return undefined;
  const start = at + marker.length;
  return /^\d+\.\d+\.\d+/.exec(binary.toString("latin1", start, start + 40))?.[0];
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
