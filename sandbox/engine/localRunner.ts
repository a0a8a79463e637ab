/** The sandbox's engine behind the interface by which a stack is operated. Never for a real environment. */
import path from "node:path";
import type { RunOptions, RunResult, StackRunner } from "../../operate/stackRunner.ts";
import type { NodeProcess } from "./child.ts";
import { DefaultProviders } from "./defaultProviders.ts";
import { Deployment, EventQueue } from "./deployment.ts";
import { encodeSnapshot, type Snapshot, stackOutputs } from "./deploymentJson.ts";
import { DYNAMIC_PACKAGE, DynamicProvider } from "./dynamicProvider.ts";
import { type EngineServer, startEngineServer } from "./engineServer.ts";
import { heapOf } from "./heap.ts";
import { importState } from "./importState.ts";
import { clearLock, takeLock } from "./lock.ts";
import { Monitor } from "./monitor.ts";
import { programFailure, resolveSdk, sdkEnvironment, startProgram } from "./programHost.ts";
import {
  hasSecureValues,
  type Project,
  readProject,
  readStackFile,
  resolveConfig,
  type StackConfig,
} from "./project.ts";
import { type ProviderFactories, Registry } from "./registry.ts";
import { Report } from "./report.ts";
import { Crypter, SecretFilter } from "./secrets.ts";
import { SnapshotManager } from "./snapshotManager.ts";
import { NOT_WRITTEN, StateNotWritten, StateStore } from "./stateStore.ts";
import { reveal } from "./value.ts";

export interface LocalRunnerOptions {
  /** Folder of Pulumi.yaml. */
  projectDir: string;
  stack: string;
  /** @default `Pulumi.<stack>.yaml` of the project */
  configFile?: string;
  /** The stack's state; its lock and journal lie beside it. */
  stateFile: string;
  /** Of the program and the providers' processes. @default process.env */
  env?: Record<string, string | undefined>;
  /** @default PULUMI_CONFIG_PASSPHRASE of `env` */
  passphrase?: string;
  /** By package; dynamic providers are there anyway. */
  providers?: ProviderFactories;
}

type Kind = "preview" | "up" | "refresh" | "destroy";

interface Context {
  project: Project;
  config: StackConfig;
  server: EngineServer;
}

export function createLocalRunner(options: LocalRunnerOptions): StackRunner {
  const run = (kind: Kind) => (runOptions?: RunOptions) =>
    new LocalRun(options, kind, runOptions).run();
  const store = () => new StateStore(options.stateFile, passphraseOf(options));
  return {
    preview: run("preview"),
    up: run("up"),
    refresh: run("refresh"),
    destroy: run("destroy"),
    outputs: async () => plainOutputs(await store().load()),
    configuration: async () => {
      const project = readProject(path.resolve(options.projectDir));
      return (await readConfiguration(options, project)).config.values;
    },
    exportState: async ({ showSecrets = false } = {}) => {
      const opened = store();
      return encodeSnapshot(await opened.load(), opened.crypter, showSecrets);
    },
    importState: async (state) => {
      const release = await takeLock(lockOf(options), `import ${options.stack}`);
      const { stack } = options;
      const importing = importState(store(), { stack, passphrase: passphraseOf(options) }, state);
      return await importing.finally(release);
    },
    unlock: async () => void (await clearLock(lockOf(options))),
  };
}

const lockOf = ({ stateFile }: LocalRunnerOptions) => `${stateFile}.lock`;

function passphraseOf({ passphrase, env = process.env }: LocalRunnerOptions): string {
  const found = passphrase ?? env["PULUMI_CONFIG_PASSPHRASE"];
  if (found === undefined)
    throw new Error("PULUMI_CONFIG_PASSPHRASE is not set: it encrypts the secrets in the state");
  return found;
}

const plainOutputs = (snapshot: Snapshot) =>
  reveal(stackOutputs(snapshot.resources)) as Record<string, unknown>;

/** The stack's configuration, and the salt of its secrets. */
async function readConfiguration(options: LocalRunnerOptions, project: Project) {
  const { config, salt } = readStackFile(project, options.stack, options.configFile);
  const crypter = hasSecureValues(config) ? await configCrypter(options, salt) : undefined;
  const decrypt = (text: string) => (crypter as Crypter).decrypt(text);
  return { config: resolveConfig(project, options.stack, config, decrypt), salt };
}

async function configCrypter(
  options: LocalRunnerOptions,
  salt: string | undefined,
): Promise<Crypter> {
  if (salt) return Crypter.open(passphraseOf(options), salt);
  throw new Error(`Pulumi.${options.stack}.yaml has encrypted values and no encryptionsalt`);
}

class LocalRun {
  readonly #options: LocalRunnerOptions;
  readonly #kind: Kind;
  readonly #run: RunOptions;
  readonly #env: Record<string, string | undefined>;
  readonly #filter = new SecretFilter();
  readonly #report: Report;
  readonly #store: StateStore;
  #isUnsaved = false;

  constructor(options: LocalRunnerOptions, kind: Kind, run: RunOptions = {}) {
    this.#options = options;
    this.#kind = kind;
    this.#run = run;
    this.#env = { ...(options.env ?? process.env), ...run.env };
    this.#report = new Report(this.#filter, run.onEvent);
    this.#store = new StateStore(options.stateFile, passphraseOf(options));
  }

  get #dryRun(): boolean {
    return this.#kind === "preview" || this.#run.dryRun === true;
  }

  /** Refresh and destroy need no more than the state. */
  get #runsProgram(): boolean {
    return this.#kind === "preview" || this.#kind === "up";
  }

  get #parallel(): number {
    return this.#run.parallel ?? 16;
  }

  async run(): Promise<RunResult> {
    const project = readProject(path.resolve(this.#options.projectDir));
    const release = this.#dryRun
      ? async () => {}
      : await takeLock(lockOf(this.#options), `${this.#kind} ${this.#options.stack}`);
    try {
      return await this.#locked(project);
    } finally {
      await release();
    }
  }

  async #locked(project: Project): Promise<RunResult> {
    const { config: resolved, salt } = await readConfiguration(this.#options, project);
    for (const key of resolved.secretKeys) this.#filter.add(resolved.values[key]);
    const server = await startEngineServer(this.#report);
    try {
      return await this.#served({ project, config: resolved, server }, salt);
    } finally {
      server.close();
    }
  }

  /** The program starts at once, and finds the engine ready when it has loaded itself. */
  async #served(context: Context, salt: string | undefined): Promise<RunResult> {
    const events = new EventQueue();
    const monitor = Promise.withResolvers<Monitor>();
    monitor.promise.catch(() => {});
    context.server.serveMonitor(monitor.promise);
    const program = this.#runsProgram ? this.#startProgram(context) : undefined;
    const end = program && programFailure(program);
    void end?.then((failure) => events.push({ kind: "end", failure }));
    try {
      const { deployment, manager, registry } = await this.#prepare(context, events, salt);
      let ok = false;
      try {
        monitor.resolve(new Monitor(deployment, new DefaultProviders(events, context.config)));
        ok = await this.#execute(deployment);
        (await monitor.promise).release();
        ok &&= await this.#endsWell(end);
      } finally {
        await Promise.all([registry.close(), this.#save(manager)]);
      }
      this.#report.end();
      const { counts: summary, steps, diagnostics, errors } = this.#report;
      const outputs = plainOutputs(manager.snapshot());
      return { ok: ok && !this.#isUnsaved, summary, steps, diagnostics, errors, outputs };
    } finally {
      monitor.reject(new Error("the run is over"));
      await program?.end();
    }
  }

  /** A disk that refuses is told once: at a step, or here. */
  async #save(manager: SnapshotManager): Promise<void> {
    const isTold = () => this.#report.errors.some((text) => text.startsWith(NOT_WRITTEN));
    await manager.close().catch((error: Error) => {
      if (!(error instanceof StateNotWritten)) throw error;
      if (!isTold()) this.#report.error(error.message);
      this.#isUnsaved = true;
    });
  }

  async #prepare(context: Context, events: EventQueue, salt: string | undefined) {
    const snapshot = await this.#store.load(salt);
    if (this.#run.clearPendingCreates)
      snapshot.operations = snapshot.operations.filter(({ type }) => type !== "creating");
    for (const { inputs, outputs } of snapshot.resources) this.#filter.learn([inputs, outputs]);
    const manager = new SnapshotManager(snapshot, this.#dryRun ? undefined : this.#store);
    const registry = new Registry({
      ...this.#options.providers,
      [DYNAMIC_PACKAGE]: () => this.#dynamicProvider(context),
    });
    const options = {
      stack: this.#options.stack,
      project: context.project.name,
      dryRun: this.#dryRun,
      parallel: this.#parallel,
      continueOnError: this.#run.continueOnError ?? false,
    };
    const deployment = new Deployment(options, snapshot, registry, this.#report, manager, events);
    await manager.open();
    return { deployment, manager, registry };
  }

  async #execute(deployment: Deployment): Promise<boolean> {
    const { signal, refresh = false } = this.#run;
    const isRefresh = this.#kind === "refresh";
    this.#warnOfInterruption(deployment);
    if ((isRefresh || refresh) && !(await deployment.refresh(isRefresh, signal))) return false;
    if (isRefresh) return true;
    if (!this.#runsProgram) deployment.events.push({ kind: "end", failure: undefined });
    return deployment.run(signal);
  }

  #startProgram({ project, config, server }: Context): NodeProcess {
    return startProgram({
      project,
      config,
      stack: this.#options.stack,
      address: server.address,
      dryRun: this.#dryRun,
      parallel: this.#parallel,
      env: this.#env,
      onLine: (line) => this.#report.diagnostic("info", line),
    });
  }

  /** A program that was told to end and does not is killed by the caller, which is no failure of the run. */
  async #endsWell(end: Promise<string | undefined> | undefined): Promise<boolean> {
    const grace = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => grace.resolve(undefined), 5_000);
    const failure = await Promise.race([end, grace.promise]);
    clearTimeout(timer);
    if (failure) this.#report.error(failure);
    return failure === undefined;
  }

  #dynamicProvider({ project, config, server }: Context): DynamicProvider {
    return new DynamicProvider({
      script: resolveSdk(project, "cmd/dynamic-provider"),
      cwd: project.directory,
      env: sdkEnvironment(this.#env, project, this.#options.stack, config),
      heap: heapOf("provider", config),
      engineAddress: server.address,
      onLine: (line) => this.#report.diagnostic("info", line),
    });
  }

  #warnOfInterruption(deployment: Deployment): void {
    const { operations } = deployment.prev;
    if (operations.length === 0) return;
    const list = operations.map(
      ({ type, resource }) => `  * ${resource.urn}, interrupted while ${type}`,
    );
    this.#report.diagnostic(
      "warning",
      [
        "An earlier run was interrupted, and it is not known how this ended:",
        ...list,
        operations.some(({ type }) => type === "creating")
          ? "Look whether what it was creating exists, and delete or import it; then refresh with --clear-pending-creates."
          : "A refresh settles it.",
      ].join("\n"),
    );
  }
}
