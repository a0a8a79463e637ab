import { forbiddenField, invalidValue, required } from "../causes.ts";
import type { Cause } from "../status.ts";
import { isObject, type JsonObject, jsonEquals, type Pod } from "../types.ts";
import { dnsLabelFaults, portFaults } from "../validation.ts";
import type { Strategy } from "./strategy.ts";

export const podStrategy: Strategy = {
  generation: true,
  returnsDeleted: true,
  gracePeriod: (object) => {
    const spec = (object as Pod)["spec"] as { terminationGracePeriodSeconds?: number };
    return spec.terminationGracePeriodSeconds ?? 30;
  },
  default(object) {
    object["spec"] ??= {};
    const spec = object["spec"] as JsonObject & Pod["spec"];
    spec["restartPolicy"] ??= "Always";
    spec["dnsPolicy"] ??= "ClusterFirst";
    spec["schedulerName"] ??= "default-scheduler";
    spec["securityContext"] ??= {};
    spec["terminationGracePeriodSeconds"] ??= 30;
    spec["enableServiceLinks"] ??= true;
    for (const container of (spec.containers ?? []) as (JsonObject & { name: string })[]) {
      container["resources"] ??= {};
      container["terminationMessagePath"] ??= "/dev/termination-log";
      container["terminationMessagePolicy"] ??= "File";
      container["imagePullPolicy"] ??= pullPolicy(container["image"]);
      for (const port of (container["ports"] ?? []) as { protocol?: string }[]) {
        port.protocol ??= "TCP";
      }
    }
  },
  prepare(object, old) {
    if (!old) object["status"] = { phase: "Pending", qosClass: "BestEffort" };
  },
  validate(object, old) {
    const pod = object as Pod;
    const causes = old ? immutableCauses(pod, old as Pod) : [];
    const containers = pod.spec.containers ?? [];
    if (containers.length === 0) causes.push(required("spec.containers"));
    const names = new Set<string>();
    for (const [i, { name, image, ports = [] }] of containers.entries()) {
      const at = `spec.containers[${i}]`;
      if (!name) causes.push(required(`${at}.name`));
      else for (const f of dnsLabelFaults(name)) causes.push(invalidValue(`${at}.name`, name, f));
      if (names.has(name)) causes.push({ ...duplicateName(name), field: `${at}.name` });
      names.add(name);
      if (!image) causes.push(required(`${at}.image`));
      for (const [j, { containerPort }] of ports.entries()) {
        const field = `${at}.ports[${j}].containerPort`;
        for (const f of portFaults(containerPort))
          causes.push(invalidValue(field, containerPort, f));
      }
    }
    return causes;
  },
};

function pullPolicy(image: unknown): string {
  const name = String(image ?? "");
  const tag = name.slice(name.lastIndexOf("/") + 1).split(":")[1];
  return tag === undefined || tag === "latest" ? "Always" : "IfNotPresent";
}

function duplicateName(name: string): Cause {
  return { reason: "FieldValueDuplicate", message: `Duplicate value: ${JSON.stringify(name)}` };
}

/** Of a pod's spec only images and a few fields may change; the sandbox's pods need the image alone. */
function immutableCauses(pod: Pod, old: Pod): Cause[] {
  const comparable = ({ spec }: Pod) => ({
    ...spec,
    nodeName: "",
    containers: (spec.containers ?? []).map((one) => ({
      ...(isObject(one) ? one : {}),
      image: "",
    })),
  });
  const assigned = old.spec.nodeName && old.spec.nodeName !== pod.spec.nodeName;
  if (!assigned && jsonEquals(comparable(pod), comparable(old))) return [];
  const allowed =
    "pod updates may not change fields other than `spec.containers[*].image`," +
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only " +
    "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set " +
    "to 1 if it was previously negative)";
  return [forbiddenField("spec", allowed)];
}
