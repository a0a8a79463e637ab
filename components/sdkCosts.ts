/**
 * What Pulumi's SDK spends on each promise and step of a resource so that the SDK itself can be debugged. A program of
 * many endpoints pays for it in seconds and megabytes; what the SDK tells stays.
 */
import { log, Resource } from "@pulumi/pulumi";
import debuggable from "@pulumi/pulumi/runtime/debuggable.js";

/** For the whole program, before its first resource. */
export function cutSdkCosts(): void {
  // Pulumi's runner maps every stack trace to sources, and its SDK takes thousands. Node strips the types in place, so
  // that positions hold without that: a program of many endpoints takes half the time.
  Reflect.deleteProperty(Error, "prepareStackTrace");
  locateNoResources();
  traceNoPromises();
  gatherDebugMessages();
}

/**
 * Where in the program each resource is made: a whole stack trace each, with paths of the machine that ran last. Pulumi keeps
 * them in the state, 9 kB for an endpoint, and shows them nowhere.
 */
function locateNoResources(): void {
  Object.assign(Resource, { stackTrace: () => [] });
}

/** What the SDK's types do not tell of its module. */
interface Debuggable {
  debugPromiseLeaks: boolean;
  debuggablePromise<T>(promise: Promise<T>, context: unknown): Promise<T>;
}

/**
 * A resource has fifty promises, each of which keeps a stack trace that is printed only where PULUMI_DEBUG_PROMISE_LEAKS is
 * set. Errors keep theirs.
 */
function traceNoPromises(): void {
  const sdk = debuggable as unknown as Debuggable;
  if (sdk.debugPromiseLeaks) return;
  const { debuggablePromise } = sdk;
  sdk.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    const watched = debuggablePromise(promise, context);
    Error.stackTraceLimit = stackTraceLimit;
    return watched;
  };
}

/** Of a message; those of a resource go on with all its properties. */
const TOLD = 500;

/**
 * The SDK tells the engine of every step, whether or not the user wants to see it (`--debug`): a call each, one after the
 * other. What is said while one is under way goes with the next.
 */
function gatherDebugMessages(): void {
  const send = log.debug;
  let waiting: string[] = [];
  let sending: Promise<void> | undefined;
  const sendAll = async () => {
    while (waiting.length > 0) {
      const message = waiting.join("\n");
      waiting = [];
      await send(message);
    }
    sending = undefined;
  };
  const gather: typeof send = (message) => {
    waiting.push(message.slice(0, TOLD));
    sending ??= sendAll();
    return sending;
  };
  Object.assign(log, { debug: gather });
}
