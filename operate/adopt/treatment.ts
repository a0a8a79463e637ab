/** Of a Service's annotations, those that options of the stack file say as well: they are kept by being declared. */
import type { V1Service } from "@kubernetes/client-node";
import { balancingShape } from "../../config/balancing.ts";
import { SCALEWAY } from "./clusterSurvey.ts";

/** Option, or part of one, by annotation: what applies to the whole Service, and needs nothing of the pods. */
const KEPT = [
  ["timeout-client", "timeouts", "client", seconds],
  ["timeout-server", "timeouts", "server", seconds],
  ["timeout-connect", "timeouts", "connect", seconds],
  ["timeout-tunnel", "timeouts", "tunnel", seconds],
  ["health-check-delay", "healthCheck", "delay", seconds],
  ["health-check-timeout", "healthCheck", "timeout", seconds],
  ["health-transient-check-delay", "healthCheck", "transientDelay", seconds],
  ["health-check-max-retries", "healthCheck", "maxRetries", whole],
] as const;

export interface Treatment {
  /** For the endpoint's setting. */
  options: Record<string, unknown>;
  /** The annotations that it keeps, without their prefix. */
  kept: string[];
}

export function treatmentOf({ metadata }: V1Service): Treatment {
  const kept: string[] = [];
  const options: Record<string, unknown> = {};
  const value = (suffix: string) => metadata?.annotations?.[`${SCALEWAY}${suffix}`];
  for (const [suffix, option, part, read] of KEPT) {
    const one = { [part]: read(value(suffix)) };
    if (one[part] === undefined || !balancingShape[option].safeParse(one).success) continue;
    options[option] = { ...(options[option] as object | undefined), ...one };
    kept.push(suffix);
  }
  const limit = whole(value("connection-rate-limit"));
  if (limit !== undefined && balancingShape.connectionRateLimit.safeParse(limit).success) {
    options["connectionRateLimit"] = limit;
    kept.push("connection-rate-limit");
  }
  if (value("sticky-sessions") === "table") {
    options["stickySessions"] = "table";
    kept.push("sticky-sessions");
  }
  return { options, kept };
}

/** Of a duration as Go writes it, such as `1m30s`; undefined where it is none of whole seconds. */
function seconds(text = ""): number | undefined {
  const [all, hours = 0, minutes = 0, rest = 0] =
    /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  if (!all) return undefined;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
}

function whole(text = ""): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
