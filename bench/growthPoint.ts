/** The figures of one size of a stack, operation by operation. */
import type { Role } from "./processTree.ts";

export const OPERATIONS = ["first up", "preview", "refresh", "renewal", "destroy"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** The CCM's requests apart from those of the program, its providers and plugins. */
export const CALLERS = ["acme", "cloudflare", "scaleway", "kubernetes", "CCM"] as const;
export type Caller = (typeof CALLERS)[number];

export interface OperationFigures {
  seconds: number;
  /** MB resident, each at its own peak. */
  memory: Record<Role, number>;
  /** In all. */
  requests: Record<Caller, number>;
}

export interface GrowthPoint {
  endpoints: number;
  /** Bytes of the state as it is exported after the renewal. */
  stateBytes: number;
  /** Of these, those of resources by the package of their types: the components', the plugins'. */
  stateByPackage: Record<string, number>;
  operations: Record<Operation, OperationFigures>;
}
