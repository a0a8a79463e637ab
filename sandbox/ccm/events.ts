/** Events on Services, counted instead of repeated; `kubectl describe service` shows them. */
import {
  type CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
  type V1Service,
} from "@kubernetes/client-node";

const COMPONENT = "service-controller";

export type EventType = "Normal" | "Warning";

interface Recorded {
  name: string;
  count: number;
}

export class EventRecorder {
  readonly #core: CoreV1Api;
  readonly #recorded = new Map<string, Recorded>();
  #next = 0;

  constructor(core: CoreV1Api) {
    this.#core = core;
  }

  /** Never fails: a lost event does not hold up the work. */
  async record(
    service: V1Service,
    type: EventType,
    reason: string,
    message: string,
  ): Promise<void> {
    const key = [service.metadata?.uid, type, reason, message].join("\n");
    try {
      const known = this.#recorded.get(key);
      if (known) await this.#count(service, known);
      else this.#recorded.set(key, await this.#create(service, type, reason, message));
    } catch {
      // The event or its namespace is gone: the next one is a new event.
      this.#recorded.delete(key);
    }
  }

  async #create(service: V1Service, type: EventType, reason: string, message: string) {
    const { name: of = "", namespace = "", uid, resourceVersion } = service.metadata ?? {};
    const now = new Date();
    const name = `${of}.${(BigInt(now.getTime()) * 1_000_000n + BigInt(this.#next++)).toString(16)}`;
    const reference = { kind: "Service", namespace, name: of, apiVersion: "v1" };
    const involvedObject = {
      ...reference,
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
    };
    const source = { component: COMPONENT };
    await this.#core.createNamespacedEvent({
      namespace,
      body: {
        metadata: { name, namespace },
        involvedObject,
        reason,
        message,
        type,
        source,
        count: 1,
        firstTimestamp: now,
        lastTimestamp: now,
        reportingComponent: COMPONENT,
      },
    });
    return { name, count: 1 };
  }

  async #count(service: V1Service, known: Recorded): Promise<void> {
    known.count += 1;
    const { namespace = "" } = service.metadata ?? {};
    const body = { count: known.count, lastTimestamp: new Date().toISOString() };
    await this.#core.patchNamespacedEvent(
      { name: known.name, namespace, body },
      setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch),
    );
  }
}
