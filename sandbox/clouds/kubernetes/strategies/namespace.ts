import type { JsonObject, KubeObject } from "../types.ts";
import { dnsLabelFaults } from "../validation.ts";
import type { Strategy } from "./strategy.ts";

type Namespace = KubeObject & { spec?: { finalizers?: string[] }; status?: { phase?: string } };

export const namespaceStrategy: Strategy = {
  returnsDeleted: true,
  nameFaults: dnsLabelFaults,
  default(object) {
    const { metadata } = object;
    if (metadata.name) {
      metadata.labels = { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name };
    }
  },
  prepare(object, old) {
    const namespace = object as Namespace;
    if (old) {
      // Only the finalize subresource changes the finalizers of the spec.
      namespace["spec"] ??= (old["spec"] as JsonObject | undefined) ?? {};
      return;
    }
    namespace.spec = { finalizers: ["kubernetes"] };
    namespace.status = { phase: "Active" };
  },
};
