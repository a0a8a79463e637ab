import { invalidValue } from "../causes.ts";
import type { Strategy } from "./strategy.ts";

export const leaseStrategy: Strategy = {
  createOnUpdate: true,
  conditionalUpdate: true,
  validate(object) {
    const spec = object["spec"] as { leaseDurationSeconds?: number } | undefined;
    const seconds = spec?.leaseDurationSeconds;
    if (seconds === undefined || seconds > 0) return [];
    return [invalidValue("spec.leaseDurationSeconds", seconds, "must be greater than 0")];
  },
};
