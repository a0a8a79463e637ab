import type { KubeObject } from "../types.ts";
import type { Strategy } from "./strategy.ts";

export const nodeStrategy: Strategy = {
  keepsStatus: true,
  default(object: KubeObject) {
    object["spec"] ??= {};
    object["status"] ??= {};
  },
};
