/**
 * The dynamic provider of `lb:FrontendCertificate`, the barrier. Its path and these functions are what every
 * state calls (`dynamic/shim.ts`). The CCM alone writes frontends, and is asked to where one is not as declared.
 */
import { isDeepStrictEqual } from "node:util";
import type { dynamic } from "@pulumi/pulumi";
import { normaliseSerial } from "../certificate/serial.ts";
import { proxyFor } from "../dynamic/environment.ts";
import { abandonable, interruptible } from "../dynamic/interrupt.ts";
import { bareId } from "./bareId.ts";
import {
  attachmentFault,
  type Barrier,
  handshakeFault,
  type Probes,
  passBarrier,
  UNREACHABLE,
} from "./barrier.ts";

export interface FrontendCertificateInputs {
  /** `fr-par-1` */
  zone: string;
  /** `fr-par-1/<uuid>` or bare. */
  loadBalancerId: string;
  serviceUid: string;
  port: number;
  /** `fr-par-1/<uuid>` or bare. */
  certificateId: string;
  /** Hexadecimal. */
  serial: string;
  /** Names of the certificate; the first is asked for. */
  names: string[];
  /** The reserved address, without a mask. */
  address: string;
  /** The private network's name: `PRIVATE_LB_PROXY_<NETWORK>` may give a way into it. */
  network: string;
  /** Seconds. */
  timeout: number;
  /** The Service, and the context of the run's kubeconfig in which it lies: to have its frontend put right. */
  kubeContext?: string;
  namespace?: string;
  serviceName?: string;
  /** What is observed; the program always wants `served`. */
  status: string;
}

export interface FrontendCertificateOutputs extends FrontendCertificateInputs {
  frontendId: string;
  /** `verified: …` or `not reachable from here`. */
  handshake: string;
  /** Bare ids of certificates that were found unused on the load balancer, and may belong to nobody. */
  unused?: string[];
}

const SERVED = "served";

/** Of one handshake, ms. Whoever is not in the network must not wait long to hear so. */
const CONNECT_TIMEOUT = 3000;
const TLS_TIMEOUT = 5000;

export async function check(
  _olds: unknown,
  news: FrontendCertificateInputs,
): Promise<dynamic.CheckResult> {
  return { inputs: news };
}

export async function diff(
  _id: string,
  olds: FrontendCertificateOutputs,
  news: FrontendCertificateInputs,
): Promise<dynamic.DiffResult> {
  const isOther = SETTINGS.some((key) => !isDeepStrictEqual(olds[key], news[key]));
  return { changes: identity(olds) !== identity(news) || isOther || olds.status !== news.status };
}

/**
 * What the state is to know, though the barrier is about nothing else by it: it would be a change beside the next renewal,
 * which its guard refuses.
 */
const SETTINGS = ["names", "network", "kubeContext", "namespace", "serviceName"] as const;

/** What the barrier is about; how long it waits and which way it goes is not. */
function identity(inputs: FrontendCertificateInputs): string {
  const { zone, loadBalancerId, serviceUid, port, certificateId, serial, address } = inputs;
  return JSON.stringify([
    zone,
    bareId(loadBalancerId),
    serviceUid,
    port,
    bareId(certificateId),
    normaliseSerial(serial),
    address,
  ]);
}

/** @throws Failure, plainly: partial state would be lost by a refresh, and the old certificate with it. */
export async function create(inputs: FrontendCertificateInputs): Promise<dynamic.CreateResult> {
  const outs = await interruptible((signal) => pass(inputs, signal));
  return { id: barrierOf(inputs).frontend, outs };
}

/** @throws Failure, plainly; the old state stays. */
export async function update(
  _id: string,
  olds: FrontendCertificateOutputs,
  news: FrontendCertificateInputs,
): Promise<dynamic.UpdateResult> {
  const outs = await interruptible(async (signal) => {
    // A Service that has changed is followed by itself.
    if (identity(olds) === identity(news)) await putRight(news);
    return pass(news, signal, olds);
  });
  return { outs };
}

/** Has the CCM attach the certificate again, if another one is there. */
async function putRight(inputs: FrontendCertificateInputs): Promise<void> {
  const { kubeContext, namespace, serviceName, certificateId } = inputs;
  if (!kubeContext || !namespace || !serviceName) return;
  const { find } = await probesFor(inputs);
  if (attachmentFault(await find(), bareId(certificateId)) === undefined) return;
  const { requestReconcile } = await import("./reconcile.ts");
  await requestReconcile({ kubeContext, namespace, serviceName });
}

/** Looks once, and says what it saw as `status`. @throws Error when the API refuses. */
export async function read(
  id: string,
  props: FrontendCertificateOutputs,
): Promise<dynamic.ReadResult> {
  const { frontendId: _frontend, handshake: _handshake, unused: _unused, ...inputs } = props;
  const { find, shake } = await probesFor(props);
  const seen = await abandonable(find);
  // An API that is away for now says nothing of the frontend.
  if (seen.kind === "unknown") return { id, props };
  let fault = attachmentFault(seen, bareId(props.certificateId));
  if (fault === undefined) {
    const served = handshakeFault(await abandonable(shake), barrierOf(props));
    if (served !== UNREACHABLE) fault = served;
  }
  const frontendId = seen.kind === "found" ? seen.id : props.frontendId;
  const status = fault === undefined ? SERVED : `not served: ${fault}`;
  return { id, props: { ...props, frontendId, status }, inputs: { ...inputs, status } };
}

/** There is nothing to take away. */
export async function remove(): Promise<void> {}
export { remove as delete };

async function pass(
  inputs: FrontendCertificateInputs,
  signal: AbortSignal,
  olds?: FrontendCertificateOutputs,
): Promise<FrontendCertificateOutputs> {
  const probes = await probesFor(inputs);
  const passed = await passBarrier(barrierOf(inputs), probes, signal);
  const unused = await tidy(inputs, olds);
  return { ...inputs, ...passed, ...(unused.length > 0 && { unused }), status: SERVED };
}

async function tidy(
  inputs: FrontendCertificateInputs,
  olds?: FrontendCertificateOutputs,
): Promise<string[]> {
  const [{ scalewayClient }, { removeLeftovers }] = await Promise.all([
    import("../dynamic/scaleway.ts"),
    import("./leftovers.ts"),
  ]);
  const { certificateId, loadBalancerId, zone, names } = inputs;
  const keep = [certificateId, ...(olds ? [olds.certificateId] : [])].map(bareId);
  return removeLeftovers(scalewayClient(), {
    ...{ zone, loadBalancerId: bareId(loadBalancerId), domain: names[0] ?? "" },
    ...{ keep, seenBefore: olds?.unused ?? [] },
  });
}

function barrierOf(inputs: FrontendCertificateInputs): Barrier {
  const { serviceUid, port, address, serial, timeout, names } = inputs;
  return {
    domain: names[0] ?? address,
    frontend: `${serviceUid}_tcp_${port}`,
    loadBalancerId: bareId(inputs.loadBalancerId),
    certificateId: bareId(inputs.certificateId),
    serial: normaliseSerial(serial),
    place: `${address}:${port}`,
    serviceUid,
    timeout: timeout * 1000,
  };
}

/** The clients are loaded here: a preview needs none of them. */
async function probesFor(inputs: FrontendCertificateInputs): Promise<Probes> {
  const [{ scalewayClient }, { findFrontend }, { handshake }] = await Promise.all([
    import("../dynamic/scaleway.ts"),
    import("./frontends.ts"),
    import("./handshake.ts"),
  ]);
  const { zone, address, port, network, names } = inputs;
  const { loadBalancerId, frontend: name } = barrierOf(inputs);
  const client = scalewayClient();
  const proxy = proxyFor(network);
  return {
    find: () => findFrontend(client, { zone, loadBalancerId, name }),
    shake: () =>
      handshake({
        address,
        port,
        servername: serverName(names),
        proxy,
        connectTimeout: CONNECT_TIMEOUT,
        tlsTimeout: TLS_TIMEOUT,
      }),
  };
}

/** A name that the certificate covers: a wildcard stands for any label. */
function serverName([primary = ""]: readonly string[]): string {
  return primary.replace(/^\*\./, "private-lb.");
}
