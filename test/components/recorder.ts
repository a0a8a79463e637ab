/**
 * Pulumi's mocks, and beside them each registration as the engine would get it: options and secrets are only
 * seen there. One program per process, as Pulumi keeps its state in the process: each test file has its own.
 */
import * as pulumi from "@pulumi/pulumi";

/** Pulumi's mark of a secret value (`runtime/rpc.js` of its SDK). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

export interface Registration {
  type: string;
  name: string;
  /** As sent: a secret is an object with its signature. */
  inputs: Record<string, unknown>;
  /** URN of the parent. */
  parent: string;
  provider: string;
  protect: boolean;
  /** Undefined where the program leaves it to the plugin. */
  deleteBeforeReplace: boolean | undefined;
  replaceOnChanges: string[];
  deletedWith: string;
  /** Empty for what is not imported. */
  importId: string;
  ignoreChanges: string[];
  additionalSecretOutputs: string[];
  dependencies: string[];
  /** Names of the error hooks. */
  onError: string[];
}

export interface Call {
  token: string;
  inputs: Record<string, unknown>;
}

export interface Recording<T> {
  /** What the program gave. */
  result: T;
  /** In the order of registration, the stack itself left out. */
  registrations: Registration[];
  calls: Call[];
  /** By type of component, the names of the outputs that it registered. */
  outputs: Map<string, string[]>;
  /** The only registration of that type and name. */
  one(type: string, name?: string): Registration;
  types(): string[];
}

/**
 * Runs a program against mocks, and gives what it registered once everything is registered.
 *
 * @param untold types of which the plugin adds nothing to the inputs, as in a preview that cannot know yet
 */
export async function record<T>(
  program: () => T | Promise<T>,
  stack = "prod",
  untold: string[] = [],
): Promise<Recording<T>> {
  const registrations: Registration[] = [];
  const calls: Call[] = [];
  const outputs = new Map<string, string[]>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => ({
        id: idOf(type, name),
        state: untold.includes(type) ? inputs : stateOf(type, name, inputs),
      }),
      call: ({ token, inputs }) => {
        calls.push({ token, inputs });
        return answerOf(token, inputs);
      },
    },
    "private-lb",
    stack,
  );
  tap(registrations, outputs);
  const result = await program();
  await pulumi.runtime.disconnect();
  const one = (type: string, name?: string): Registration => {
    const found = registrations.filter((r) => r.type === type && (!name || r.name === name));
    const [only] = found;
    if (!only || found.length > 1)
      throw new Error(`${found.length} registrations of ${type} ${name ?? ""}`);
    return only;
  };
  const types = () => registrations.map(({ type }) => type).sort();
  return { result, registrations, calls, outputs, one, types };
}

/** The value behind Pulumi's mark of a secret; an error for a value that is none. */
export function unwrapSecret(value: unknown): unknown {
  const marked = value as Record<string, unknown> | undefined;
  if (marked?.[SIGNATURE] !== SECRET) throw new Error("this value is no secret");
  return marked["value"];
}

export function resolved<T>(output: pulumi.Output<T> | undefined): Promise<T> {
  if (!output) throw new Error("there is no such output");
  return new Promise((resolve) => output.apply(resolve));
}

type Message = Record<string, () => unknown>;
type Rpc = (request: Message, callback: (error: unknown, response: unknown) => void) => void;
interface Struct {
  toJavaScript(): Record<string, unknown>;
}

/** Listens between the program and the mocks: those tell a test neither options nor secrets. */
function tap(registrations: Registration[], outputs: Map<string, string[]>): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as Record<string, Rpc>;
  const listen = (method: string, hear: (request: Message) => void) => {
    const answer = monitor[method]?.bind(monitor);
    monitor[method] = (request, callback) => {
      hear(request);
      answer?.(request, callback);
    };
  };
  listen("registerResource", (request) => {
    if (request["getType"]?.() === "pulumi:pulumi:Stack") return;
    registrations.push(registrationOf(request));
  });
  // The mocks know no hooks.
  monitor["registerErrorHook"] = (_request, callback) => callback(null, {});
  monitor["registerResourceHook"] = (_request, callback) => callback(null, {});
  listen("registerResourceOutputs", (request) => {
    const type = String(request["getUrn"]?.()).split("::")[2]?.split("$").at(-1) ?? "";
    const registered = request["getOutputs"]?.() as Struct | undefined;
    outputs.set(type, Object.keys(registered?.toJavaScript() ?? {}).sort());
  });
}

function registrationOf(request: Message): Registration {
  const get = <V>(name: string) => request[`get${name}`]?.() as V;
  return {
    type: get("Type"),
    name: get("Name"),
    inputs: get<Struct>("Object").toJavaScript(),
    parent: get("Parent"),
    provider: get("Provider"),
    protect: get("Protect"),
    deleteBeforeReplace: get("Deletebeforereplacedefined") ? get("Deletebeforereplace") : undefined,
    replaceOnChanges: get("ReplaceonchangesList"),
    deletedWith: get("Deletedwith"),
    importId: get("Importid"),
    ignoreChanges: get("IgnorechangesList"),
    additionalSecretOutputs: get("AdditionalsecretoutputsList"),
    dependencies: get("DependenciesList"),
    onError: get<{ getOnErrorList(): string[] } | undefined>("Hooks")?.getOnErrorList() ?? [],
  };
}

function idOf(type: string, name: string): string {
  if (type.startsWith("scaleway:ipam")) return `fr-par/id-of-${name}`;
  if (type.startsWith("scaleway:")) return `fr-par-1/id-of-${name}`;
  return `id-of-${name}`;
}

/** The inputs, and what the plugins would add to them. */
export function stateOf(
  type: string,
  name: string,
  inputs: Record<string, unknown>,
): Record<string, unknown> {
  const added: Record<string, Record<string, unknown>> = {
    "scaleway:ipam/ip:Ip": { address: name.includes("monitoring") ? "172.16.12.2" : "172.16.8.2" },
    "kubernetes:core/v1:Service": {
      metadata: { ...(inputs["metadata"] as object), uid: `uid-of-${name}` },
    },
    "scaleway:observability/alertManager:AlertManager": {
      alertManagerUrl: "https://alertmanager.example",
    },
    "tls:index/privateKey:PrivateKey": { privateKeyPemPkcs8: "ACCOUNT KEY" },
    "pulumi-nodejs:dynamic/acme:Account": { accountUrl: "https://ca.example/account/1" },
    "pulumi-nodejs:dynamic/acme:Certificate": {
      chainPem: "CERTIFICATE\nINTERMEDIATE\n",
      privateKeyPem: "PRIVATE KEY\n",
      serial: "00000123456789abcdef",
      notBefore: "2026-11-20T00:00:00.000Z",
      notAfter: "2027-02-18T00:00:00.000Z",
    },
  };
  return { ...inputs, ...added[type] };
}

/** Names that no lookup finds. */
export const NOWHERE = { network: "nowhere", zone: "example.dev" };

function answerOf(token: string, inputs: Record<string, unknown>): Record<string, unknown> {
  if (token === "scaleway:network/getPrivateNetwork:getPrivateNetwork") {
    if (inputs["name"] === NOWHERE.network) throw refusal("no element found with the name nowhere");
    const subnet = { public: "51.15.0.0/16" }[String(inputs["name"])] ?? "172.16.8.0/22";
    const ipv4Subnets = inputs["name"] === "without-ipv4" ? [] : [{ subnet }];
    return { id: `fr-par/network-${inputs["name"]}`, ipv4Subnets };
  }
  if (token === "cloudflare:index/getZone:getZone") {
    const { name } = inputs["filter"] as { name: string };
    if (name === NOWHERE.zone) throw refusal("failed to find exactly one result");
    return { zoneId: `zone-${name}` };
  }
  throw new Error(`unexpected call of ${token}`);
}

/** As an error comes over gRPC: Pulumi takes its details. */
function refusal(details: string): Error {
  return Object.assign(new Error(details), { details });
}
