/** What a kind adds to the common handling of objects. */
import type { Cause } from "../status.ts";
import type { KubeObject } from "../types.ts";

/** What a strategy may know of the cluster. */
export interface ClusterView {
  serviceCidr: string;
  podCidr: string;
  /** All objects of a kind, over all namespaces; not to be changed. */
  list(kind: string): readonly KubeObject[];
}

export interface Strategy {
  /** Fills in defaults that depend on the object alone; at every write, before ownership is recorded. */
  default?(object: KubeObject): void;
  /** Allocates and carries over values before validation; `old` is absent at creation. */
  prepare?(object: KubeObject, old: KubeObject | undefined, cluster: ClusterView): void;
  /** Faults of everything but `metadata`. */
  validate?(object: KubeObject, old: KubeObject | undefined, cluster: ClusterView): Cause[];
  validateStatus?(object: KubeObject): Cause[];
  /** Faults of a name. @default DNS subdomain */
  nameFaults?(name: string): string[];
  /** `metadata.generation` counts the changes of `spec` (or of all but metadata, without a spec). */
  generation?: boolean;
  /** A PUT of what does not exist creates it. */
  createOnUpdate?: boolean;
  /** A PUT has to carry the resourceVersion. */
  conditionalUpdate?: boolean;
  /** DELETE answers the object instead of a Status. */
  returnsDeleted?: boolean;
  /** Status that the creator gives is kept, as for a Node. */
  keepsStatus?: boolean;
  /** Seconds that a deleted object stays, for its owner to end it. */
  gracePeriod?(object: KubeObject): number;
}
