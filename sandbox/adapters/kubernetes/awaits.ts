/**
 * What the plugin waits for: a Service that serves, an object that is gone.
 * https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/service.go
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Props } from "../../engine/provider.ts";
import { isObject, text } from "../values.ts";
import type { KubernetesClient } from "./client.ts";
import { describe, endpoints, type Reference } from "./kinds.ts";
import { annotation, child, metadata } from "./objects.ts";

/** ms, unless the object says otherwise. */
const TIMEOUT = 10 * 60_000;

/** ms for which the endpoints must not have changed. */
export const SETTLING = 10_000;

export function timeoutOf(inputs: Props): number {
  const seconds = Number(annotation(inputs, "pulumi.com/timeoutSeconds"));
  return seconds > 0 ? seconds * 1000 : TIMEOUT;
}

/** Resolves when the object is gone; finalizers can hold it for as long as they like. */
export async function untilGone(client: KubernetesClient, reference: Reference, timeout: number) {
  let finalizers: unknown;
  const gone = await until(client, [reference], timeout, async () => {
    const live = await client.get(reference);
    finalizers = live && metadata(live)["finalizers"];
    return live === undefined;
  });
  if (gone) return;
  const held = Array.isArray(finalizers) ? finalizers.join(", ") : "none";
  throw new Error(
    `kubernetes: ${describe(reference)} was asked to go and is still there after ${timeout / 1000} s; finalizers might be preventing deletion (${held})`,
  );
}

/** The Service once it has an address (type LoadBalancer) and endpoints that are settled and ready. */
export async function untilServing(
  client: KubernetesClient,
  reference: Reference,
  timeout: number,
  settling: number = SETTLING,
): Promise<Props> {
  const watched = { ...reference, kind: endpoints };
  let seen = { service: {} as Props, endpoints: undefined as Props | undefined, at: 0 };
  const state = async () => {
    const [service, points] = await Promise.all([client.get(reference), client.get(watched)]);
    if (!service) throw new Error(`kubernetes: ${describe(reference)} went away`);
    const changed = versionOf(points) !== versionOf(seen.endpoints);
    seen = { service, endpoints: points, at: changed ? performance.now() : seen.at };
    const settled = points !== undefined && performance.now() - seen.at >= settling;
    return isReady(service) && (!selectsPods(service) || (settled && !hasPending(points)));
  };
  const serving = await until(client, [reference, watched], timeout, state, settling);
  if (serving || (isReady(seen.service) && !hasPending(seen.endpoints))) return seen.service;
  throw new Error(
    `kubernetes: ${describe(reference)} does not serve after ${timeout / 1000} s: ${faults(seen.service, seen.endpoints).join("; ")}`,
  );
}

/** What a reading finds wanting, without any waiting. */
export async function servingFaults(
  client: KubernetesClient,
  reference: Reference,
  service: Props,
): Promise<string[]> {
  const points = await client.get({ ...reference, kind: endpoints });
  const serving = isReady(service) && (!selectsPods(service) || !hasPending(points));
  return serving ? [] : faults(service, points);
}

const versionOf = (object: Props | undefined): unknown =>
  object && metadata(object)["resourceVersion"];

function isReady(service: Props): boolean {
  if (child(service, "spec")["type"] !== "LoadBalancer") return true;
  const { ingress } = child(child(service, "status"), "loadBalancer");
  return Array.isArray(ingress) && ingress.length > 0;
}

function selectsPods(service: Props): boolean {
  const { type, clusterIP, selector } = child(service, "spec");
  const selects = isObject(selector) && Object.keys(selector).length > 0;
  return selects && type !== "ExternalName" && clusterIP !== "None";
}

function addresses(points: Props | undefined, key: "addresses" | "notReadyAddresses"): number {
  const { subsets } = points ?? {};
  if (!Array.isArray(subsets)) return 0;
  const lists = subsets.filter(isObject).map((subset) => subset[key]);
  return lists.reduce((sum: number, list) => sum + (Array.isArray(list) ? list.length : 0), 0);
}

const hasPending = (points: Props | undefined): boolean =>
  addresses(points, "notReadyAddresses") > 0;

function faults(service: Props, points: Props | undefined): string[] {
  const name = text(metadata(service)["name"]);
  return [
    ...(selectsPods(service) && (addresses(points, "addresses") === 0 || hasPending(points))
      ? [`Service ${name} does not target any ready Pods, or some of them are not ready`]
      : []),
    ...(isReady(service) ? [] : [`Service ${name} was not allocated an IP address`]),
  ];
}

/**
 * Asks `holds` now and after every change of one of the objects, and at least once every `pause` ms.
 * @returns whether it held within `timeout` ms
 */
async function until(
  client: KubernetesClient,
  references: Reference[],
  timeout: number,
  holds: () => Promise<boolean>,
  pause = 30_000,
): Promise<boolean> {
  const deadline = performance.now() + timeout;
  const stop = new AbortController();
  let changed = Promise.withResolvers<void>();
  const watches = references.map((reference) =>
    follow(client, reference, () => changed.resolve(), stop.signal),
  );
  try {
    for (;;) {
      changed = Promise.withResolvers<void>();
      if (await holds()) return true;
      const left = deadline - performance.now();
      if (left <= 0) return false;
      const timer = new AbortController();
      const idle = sleep(Math.min(left, pause), undefined, { signal: timer.signal });
      await Promise.race([changed.promise, idle]);
      timer.abort();
      idle.catch(() => undefined);
    }
  } finally {
    stop.abort();
    await Promise.allSettled(watches);
  }
}

/** A watch that is begun anew whenever its stream ends: the caller looks again each time. */
async function follow(
  client: KubernetesClient,
  reference: Reference,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  let pause = 50;
  while (!signal.aborted) {
    const began = performance.now();
    await client.watch(reference, onChange, signal);
    pause = performance.now() - began > 1000 ? 50 : Math.min(pause * 2, 2000);
    if (!signal.aborted) await sleep(pause);
  }
}
