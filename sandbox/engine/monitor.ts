/**
 * Pulumi's ResourceMonitor service: what the program's SDK calls for every resource, read and invoke
 * (https://github.com/pulumi/pulumi/blob/master/proto/pulumi/resource.proto).
 */
import grpc from "@grpc/grpc-js";
import messages from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { DefaultProviders } from "./defaultProviders.ts";
import type { Deployment } from "./deployment.ts";
import { goalOf } from "./registration.ts";
import { emptyGoal, type Goal, type ResourceState } from "./state.ts";
import type { Outcome } from "./step.ts";
import { isProviderType, packageOf, parseReference, parseUrn } from "./urn.ts";
import { hasUnknown, mapValues, type PropertyMap } from "./value.ts";
import { decodeMap, encodeMap, Unsupported } from "./wire.ts";

const features = messages.ResourceMonitorFeature;
const SUPPORTED = [
  features.RESOURCE_MONITOR_FEATURE_SECRETS,
  features.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
  features.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
  features.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
  features.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
  features.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
  features.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
  features.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
  features.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
];
/** Methods of the service that are refused by name. */
const REFUSED = {
  call: "method calls on resources",
  existsResource: "queries for existing resources",
  registerStackTransform: "transforms",
  registerStackInvokeTransform: "invoke transforms",
  registerPackage: "parameterized packages",
};

type Register = messages.RegisterResourceRequest;
type Handler<Request, Answer> = (request: Request) => Promise<Answer>;

export class Monitor {
  readonly #deployment: Deployment;
  readonly #defaults: DefaultProviders;
  readonly #goals = new Map<string, Goal>();
  /** Providers that a component passes on to its children, by the component's URN and the package. */
  readonly #componentProviders = new Map<string, Map<string, string>>();
  #finished: (() => void) | undefined;

  constructor(deployment: Deployment, defaults: DefaultProviders) {
    this.#deployment = deployment;
    this.#defaults = defaults;
  }

  implementation(): grpc.UntypedServiceImplementation {
    const refused = mapValues(REFUSED, (what) =>
      unary(async () => Promise.reject(new Unsupported(what))),
    );
    return {
      ...refused,
      supportsFeature: unary(async () => new messages.SupportsFeatureResponse()),
      getDeploymentInfo: unary(async () => this.#deploymentInfo()),
      registerResource: unary((request: Register) => this.#register(request)),
      registerResourceOutputs: unary((request: messages.RegisterResourceOutputsRequest) =>
        this.#registerOutputs(request),
      ),
      readResource: unary((request: messages.ReadResourceRequest) => this.#read(request)),
      registerErrorHook: unary(async (request: messages.RegisterErrorHookRequest) => {
        this.#deployment.errorHooks.register(request);
        return new empty.Empty();
      }),
      registerResourceHook: unary(async (request: messages.RegisterResourceHookRequest) => {
        this.#deployment.resourceHooks.register(request);
        return new empty.Empty();
      }),
      invoke: unary((request: messages.ResourceInvokeRequest) => this.#invoke(request)),
      signalAndWaitForShutdown: unary(() => this.#shutdown()),
    };
  }

  /** Lets a program go that has ended and waits for the run's end. */
  release(): void {
    this.#finished?.();
  }

  #deploymentInfo(): messages.DeploymentInfo {
    const { project, stack, dryRun, parallel } = this.#deployment.options;
    const info = new messages.DeploymentInfo();
    info.setProject(project);
    info.setStack(stack);
    info.setOrganization("organization");
    info.setDryrun(dryRun);
    info.setParallel(parallel);
    info.setSupportedfeaturesList(SUPPORTED);
    return info;
  }

  async #shutdown(): Promise<empty.Empty> {
    const finished = Promise.withResolvers<void>();
    this.#finished = finished.resolve;
    this.#deployment.events.push({ kind: "end", failure: undefined });
    await finished.promise;
    return new empty.Empty();
  }

  async #register(request: Register): Promise<messages.RegisterResourceResponse> {
    if (request.getRemote()) throw new Unsupported("remote component resources (Construct)");
    if (request.getTransformsList().length > 0) throw new Unsupported("transforms");
    const inherited = this.#goals.get(request.getParent());
    const goal = goalOf(request, inherited);
    if (goal.custom && !isProviderType(goal.type))
      goal.provider = await this.#providerFor(request, inherited);
    this.#deployment.report.filter.learn([goal.inputs, goal.replacementTrigger]);
    const { state, outcome } = await new Promise<{ state: ResourceState; outcome: Outcome }>(
      (resolve) =>
        this.#deployment.events.push({
          kind: "register",
          goal,
          answer: (state, outcome) => resolve({ state, outcome }),
        }),
    );
    this.#goals.set(state.urn, goal);
    if (!goal.custom)
      this.#componentProviders.set(state.urn, new Map(request.getProvidersMap().entries()));
    const answer = new messages.RegisterResourceResponse();
    answer.setUrn(state.urn);
    answer.setId(state.id);
    // A component's outputs may refer to resources that are not registered yet.
    answer.setObject(encodeMap(goal.custom ? state.outputs : {}));
    const { SUCCESS, FAIL } = messages.Result;
    answer.setResult(outcome === "ok" ? SUCCESS : FAIL);
    return answer;
  }

  /** The provider that is named, the parent's when it is of the package, else the package's default provider. */
  async #providerFor(
    request: Register | messages.ReadResourceRequest,
    inherited: Goal | undefined,
  ): Promise<string> {
    if (request.getPackageref()) throw new Unsupported("parameterized packages");
    const pkg = packageOf(request.getType());
    const inheritedProvider = inherited?.provider ?? "";
    const fits =
      inheritedProvider && packageOf(parseUrn(parseReference(inheritedProvider).urn).type) === pkg;
    return (
      request.getProvider() ||
      (fits ? inheritedProvider : "") ||
      ("getProvidersMap" in request && request.getProvidersMap().get(pkg)) ||
      this.#componentProviders.get(request.getParent())?.get(pkg) ||
      this.#defaults.get(pkg, request.getVersion(), request.getPlugindownloadurl())
    );
  }

  async #registerOutputs(request: messages.RegisterResourceOutputsRequest): Promise<empty.Empty> {
    const outputs = decodeMap(request.getOutputs());
    this.#deployment.report.filter.learn(outputs);
    await new Promise<void>((done) =>
      this.#deployment.events.push({ kind: "outputs", urn: request.getUrn(), outputs, done }),
    );
    return new empty.Empty();
  }

  async #read(request: messages.ReadResourceRequest): Promise<messages.ReadResourceResponse> {
    if (packageOf(request.getType()) === "pulumi") throw new Unsupported(request.getType());
    const goal: Goal = {
      ...emptyGoal,
      type: request.getType(),
      name: request.getName(),
      parent: request.getParent(),
      provider: await this.#providerFor(request, undefined),
      inputs: decodeMap(request.getProperties()),
      dependencies: request.getDependenciesList(),
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    };
    const id = request.getId();
    const state = await new Promise<ResourceState>((answer) =>
      this.#deployment.events.push({ kind: "read", goal, id, answer }),
    );
    const answer = new messages.ReadResourceResponse();
    answer.setUrn(state.urn);
    answer.setProperties(encodeMap(state.outputs));
    return answer;
  }

  async #invoke(request: messages.ResourceInvokeRequest): Promise<messages.ResourceInvokeResponse> {
    const token = request.getTok();
    const args = decodeMap(request.getArgs());
    this.#deployment.report.filter.learn(args);
    const answer = new messages.ResourceInvokeResponse();
    if (packageOf(token) === "pulumi") answer.setReturn(encodeMap(this.#builtin(token, args)));
    else if (hasUnknown(args)) answer.setUnknown(true);
    else {
      const reference =
        request.getProvider() ||
        (await this.#defaults.get(
          packageOf(token),
          request.getVersion(),
          request.getPlugindownloadurl(),
        ));
      const plugin = await this.#deployment.registry.get(reference);
      answer.setReturn(encodeMap(await plugin.invoke(token, args)));
    }
    return answer;
  }

  /** By `getResource` the SDK resolves a reference to a resource. */
  #builtin(token: string, args: PropertyMap): PropertyMap {
    const { news, reads } = this.#deployment;
    if (token !== "pulumi:pulumi:getResource") throw new Unsupported(token);
    const urn = String(args["urn"]);
    const state = news.get(urn) ?? reads.get(urn);
    if (!state) throw new Error(`unknown resource ${urn}`);
    return { urn, id: state.id, provider: state.provider, state: state.outputs };
  }
}

function unary<Request, Answer>(handler: Handler<Request, Answer>) {
  return (
    call: { request: Request },
    callback: (error: Partial<grpc.StatusObject> | null, answer?: Answer) => void,
  ) => {
    handler(call.request).then(
      (answer) => callback(null, answer),
      (error: Error) => {
        const code = error instanceof Unsupported ? grpc.status.UNIMPLEMENTED : grpc.status.UNKNOWN;
        callback({ code, details: error.message });
      },
    );
  };
}
