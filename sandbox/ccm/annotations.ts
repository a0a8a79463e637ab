/**
 * The annotations of a Service that tell the CCM what to make of it:
 * https://github.com/scaleway/scaleway-cloud-controller-manager/blob/main/docs/loadbalancer-annotations.md
 */
import type { V1Service } from "@kubernetes/client-node";

const PREFIX = "service.beta.kubernetes.io/scw-loadbalancer-";

export type Annotation = (suffix: string) => string | undefined;

/** Reads `service.beta.kubernetes.io/scw-loadbalancer-<suffix>`. */
export function annotationsOf(service: V1Service): Annotation {
  return (suffix) => service.metadata?.annotations?.[PREFIX + suffix];
}

export class InvalidAnnotation extends Error {
  constructor(message = "load balancer invalid annotation") {
    super(message);
    this.name = "InvalidAnnotation";
  }
}

const TRUE = ["1", "t", "T", "TRUE", "true", "True"];
const FALSE = ["0", "f", "F", "FALSE", "false", "False"];

/** As Go's strconv.ParseBool; `undefined` for anything else. */
export function parseBoolean(value: string): boolean | undefined {
  if (TRUE.includes(value)) return true;
  return FALSE.includes(value) ? false : undefined;
}

/** @throws InvalidAnnotation */
export function flag(annotation: Annotation, suffix: string): boolean {
  const value = annotation(suffix);
  if (value === undefined) return false;
  const parsed = parseBoolean(value);
  if (parsed === undefined) {
    throw new InvalidAnnotation(
      `invalid value for annotation ${PREFIX}${suffix}: expected boolean`,
    );
  }
  return parsed;
}

/** An integer; `fallback` when absent. @throws InvalidAnnotation */
export function integer(annotation: Annotation, suffix: string): number | undefined;
export function integer(annotation: Annotation, suffix: string, fallback: number): number;
export function integer(annotation: Annotation, suffix: string, fallback?: number) {
  const value = annotation(suffix);
  if (value === undefined) return fallback;
  if (!/^[+-]?\d+$/.test(value)) throw new InvalidAnnotation();
  return Number(value);
}

/** One of the allowed values. @throws InvalidAnnotation */
export function choice<T extends string>(
  annotation: Annotation,
  suffix: string,
  allowed: readonly T[],
  fallback: T,
): T {
  const value = annotation(suffix);
  if (value === undefined) return fallback;
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new InvalidAnnotation();
  return found;
}

const UNITS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const DURATION = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g;

/** Milliseconds of a Go duration such as `1m30s`. @throws InvalidAnnotation */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(DURATION)];
  if (parts.map(([part]) => part).join("") !== text || text === "") throw new InvalidAnnotation();
  return parts.reduce(
    (sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ""] ?? 0),
    0,
  );
}

/** Milliseconds; `fallback` when absent. @throws InvalidAnnotation */
export function duration(annotation: Annotation, suffix: string, fallback: string): number {
  return parseDuration(annotation(suffix) ?? fallback);
}

/** Whether `ports` (`true`, `*`, `443,81`) names a port. @throws InvalidAnnotation */
export function namesPort(ports: string | undefined, port: number): boolean {
  if (!ports) return false;
  const all = ports === "1" || ports === "0" ? undefined : parseBoolean(ports);
  if (all !== undefined) return all;
  if (ports === "*") return true;
  for (const part of ports.replaceAll(" ", "").split(",")) {
    if (!/^\d+$/.test(part)) {
      throw new InvalidAnnotation(`strconv.ParseInt: parsing "${part}": invalid syntax`);
    }
    const number = Number(part);
    if (number < 1 || number > 65_535) {
      throw new InvalidAnnotation(`port ${number} is outside valid range (1-65535)`);
    }
    if (number === port) return true;
  }
  return false;
}

/** The value for one port out of `80:a;443,81:b;c`, where `c` is for the others. @throws InvalidAnnotation */
export function valueForPort(text: string, port: number): string {
  let value = "";
  for (const entry of text.split(";")) {
    const [ports = "", own, ...more] = entry.split(":");
    if (own === undefined) value ||= ports;
    else if (more.length > 0) {
      const wanted = "should be `port1:value1;port2,port3:value2`";
      throw new InvalidAnnotation(`annotation with value ${text} is wrongly formatted, ${wanted}`);
    } else if (namesPort(ports, port)) value = own;
  }
  return value;
}

/**
 * Certificate ids of one port: `443:<id>,<id>`, `443,81:<id>`, `443:<id>;81:<id>`, or `<id>` for every port; a
 * region or zone before an id is cut off. What is written otherwise, as `443:<id>,443:<id>`, is not understood: the
 * API then refuses the second `443` as an id.
 * @throws InvalidAnnotation
 */
export function certificateIds(annotation: Annotation, port: number): string[] {
  const entries = (annotation("certificate-ids") || "").split(";").filter((entry) => entry !== "");
  const ids = entries.flatMap((entry) => {
    const [first = "", own] = entry.split(":");
    if (own === undefined) return first.split(",");
    return namesPort(first, port) ? own.split(",") : [];
  });
  return ids.map((id) => {
    const parts = id.split("/");
    if (parts.length > 2) throw new InvalidAnnotation(`unable to get certificate ID from ${id}`);
    return parts.at(-1) ?? "";
  });
}

export interface LoadBalancerId {
  zone: string;
  id: string;
}

/** `undefined` when there is no annotation. @throws InvalidAnnotation */
export function loadBalancerId(annotation: Annotation): LoadBalancerId | undefined {
  const value = annotation("id");
  if (value === undefined) return undefined;
  const [place = "", id, ...more] = value.toLowerCase().split("/");
  if (id === undefined || more.length > 0) {
    throw new InvalidAnnotation("load balancer invalid loadbalancer-id annotation");
  }
  return { zone: /-\d+$/.test(place) ? place : `${place}-1`, id };
}

export type ProxyProtocol = "proxy_protocol_none" | "proxy_protocol_v1" | "proxy_protocol_v2";

/** @throws InvalidAnnotation */
export function proxyProtocol(annotation: Annotation, port: number): ProxyProtocol {
  const v1 = namesPort(annotation("proxy-protocol-v1"), port);
  const v2 = namesPort(annotation("proxy-protocol-v2"), port);
  if (v1 && v2) {
    throw new InvalidAnnotation(`port ${port} is in both v1 and v2 proxy protocols`);
  }
  if (v1) return "proxy_protocol_v1";
  const older = annotation("send-proxy-v2") ?? "";
  const sends = parseBoolean(older) ?? namesPort(older, port);
  return v2 || sends ? "proxy_protocol_v2" : "proxy_protocol_none";
}
