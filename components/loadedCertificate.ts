/**
 * That no Service names a certificate which its load balancer could not load. A hook, and not a resource: it looks in
 * the moment before the CCM would be told, and keeps nothing.
 */
import * as pulumi from "@pulumi/pulumi";
import { bareId } from "../frontend/bareId.ts";
import type { Uploaded } from "../frontend/loaded.ts";
import { SCALEWAY } from "./ccmAnnotations.ts";

const SERVICE = "kubernetes:core/v1:Service";

type Inputs = { metadata?: { annotations?: Record<string, string> } } | undefined;

/** The certificate that a Service is about to name, where it is another than before. */
export function newlyNamed({
  name,
  newInputs,
  oldInputs,
}: Pick<pulumi.ResourceHookArgs, "name" | "newInputs" | "oldInputs">): Uploaded | undefined {
  const [news, olds] = [newInputs, oldInputs].map(
    (inputs) => (inputs as Inputs)?.metadata?.annotations ?? {},
  );
  const named = news?.[`${SCALEWAY}certificate-ids`];
  if (!named || named === olds?.[`${SCALEWAY}certificate-ids`]) return undefined;
  const certificateId = bareId(named.slice(named.indexOf(":") + 1));
  return { domain: name, zone: news?.[`${SCALEWAY}zone`] ?? "", certificateId };
}

/** From now on a Service is made or changed only where the certificate that it is to name was loaded. */
export function requireLoadedCertificates(): void {
  const hook = new pulumi.ResourceHook("loaded-certificate", async (args) => {
    const uploaded = newlyNamed(args);
    if (!uploaded) return;
    const [{ scalewayClient }, { requireLoaded }] = await Promise.all([
      import("../dynamic/scaleway.ts"),
      import("../frontend/loaded.ts"),
    ]);
    await requireLoaded(scalewayClient(), uploaded);
  });
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
    if (type !== SERVICE) return undefined;
    const before = { beforeCreate: [hook], beforeUpdate: [hook] };
    return { props, opts: { ...opts, hooks: { ...opts.hooks, ...before } } };
  });
}
