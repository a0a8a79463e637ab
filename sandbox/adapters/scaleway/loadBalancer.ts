/** `scaleway_lb`. https://github.com/scaleway/terraform-provider-scaleway/blob/master/internal/services/lb/lb.go */
import type { Zone } from "@scaleway/sdk-client";
import type { Lbv1 } from "@scaleway/sdk-lb";
import { bareId } from "../../../frontend/bareId.ts";
import type { Props } from "../../engine/provider.ts";
import type { Fields, ResourceType, Update } from "../table.ts";
import { equal, isZero, text, texts } from "../values.ts";
import type { Scaleway } from "./client.ts";
import { ask, unless } from "./errors.ts";
import { localId, parseId, requireLocality, sameBareId, sameWhereBothSay } from "./ids.ts";
import { observed } from "./loadBalancerState.ts";
import { settledAttachments, settledLoadBalancer } from "./waits.ts";

const fields: Fields = {
  name: { kind: "string", change: "update", filled: true, autoName: true },
  description: { kind: "string", change: "update" },
  // A change migrates the load balancer in place.
  type: { kind: "string", change: "update", required: true, same: sameLetters },
  tags: { kind: "strings", change: "update" },
  ipId: { kind: "string", change: "ignored", filled: true, same: sameBareId },
  // Removing one replaces: see `plan`.
  ipIds: {
    kind: "strings",
    change: "update",
    filled: true,
    conflictsWith: ["assignFlexibleIp", "assignFlexibleIpv6"],
    same: (before, after) => equal(texts(before).toSorted(), texts(after).toSorted()),
  },
  releaseIp: { kind: "boolean", change: "ignored" },
  externalPrivateNetworks: { kind: "boolean", change: "update", default: false },
  // Refused by `plan`.
  privateNetworks: {
    kind: "objects",
    change: "update",
    filled: true,
    conflictsWith: ["externalPrivateNetworks"],
  },
  sslCompatibilityLevel: {
    kind: "string",
    change: "update",
    default: "ssl_compatibility_level_intermediate",
    oneOf: [
      "ssl_compatibility_level_unknown",
      "ssl_compatibility_level_intermediate",
      "ssl_compatibility_level_modern",
      "ssl_compatibility_level_old",
    ],
  },
  assignFlexibleIp: { kind: "boolean", change: "replace", conflictsWith: ["ipIds"] },
  assignFlexibleIpv6: { kind: "boolean", change: "update", conflictsWith: ["ipIds"] },
  zone: { kind: "string", change: "replace", filled: true, same: sameWhereBothSay },
  projectId: { kind: "string", change: "replace", filled: true },
  ipAddress: { kind: "string", change: "computed" },
  ipv6Address: { kind: "string", change: "computed" },
  privateIps: { kind: "objects", change: "computed" },
  region: { kind: "string", change: "computed" },
  organizationId: { kind: "string", change: "computed" },
};

export const loadBalancer: ResourceType<Scaleway> = {
  token: "scaleway:loadbalancers/loadBalancer:LoadBalancer",
  toolkit: "sdk",
  fields,

  plan(api, before, after) {
    if (!isZero(after["privateNetworks"])) {
      throw new Error(
        "privateNetworks of a LoadBalancer is not supported by the sandbox; attach with loadbalancers.PrivateNetwork",
      );
    }
    requireLocality("ip_id", after["ipId"], text(after["zone"]) || api.zone);
    const kept = texts(after["ipIds"]);
    return [
      ...(texts(before?.["ipIds"]).some((id) => !kept.includes(id)) ? ["ipIds"] : []),
      ...(before?.["assignFlexibleIpv6"] && !after["assignFlexibleIpv6"]
        ? ["assignFlexibleIpv6"]
        : []),
    ];
  },

  async create(api, inputs, created) {
    const zone = (text(inputs["zone"]) || api.zone) as Zone;
    const asked = api.lb.createLb({
      zone,
      projectId: text(inputs["projectId"]) || api.projectId,
      name: text(inputs["name"]),
      description: text(inputs["description"]),
      type: text(inputs["type"]),
      tags: texts(inputs["tags"]),
      ipIds: texts(inputs["ipIds"]).map(bareId),
      ...(inputs["ipId"] ? { ipId: bareId(text(inputs["ipId"])) } : {}),
      sslCompatibilityLevel: text(inputs["sslCompatibilityLevel"]) as Lbv1.SSLCompatibilityLevel,
      ...flag("assignFlexibleIp", inputs),
      ...flag("assignFlexibleIpv6", inputs),
    });
    const { id: lbId } = await ask(`create load balancer ${text(inputs["name"])}`, asked);
    const id = localId(zone, lbId);
    created(id);
    return readBack(api, id, inputs);
  },

  async read(api, id, state) {
    const { locality: zone, id: lbId } = parseId(id);
    const lb = await unless([403, 404], settledLoadBalancer(api, zone, lbId));
    return lb && { ...state, ...(await observed(api, zone, lb)) };
  },

  async update(api, { id, planned, changes }: Update) {
    const { locality, id: lbId } = parseId(id);
    const zone = locality as Zone;
    const put = api.lb.updateLb({
      zone,
      lbId,
      name: text(planned["name"]),
      description: text(planned["description"]),
      tags: texts(planned["tags"]),
      sslCompatibilityLevel: text(planned["sslCompatibilityLevel"]) as Lbv1.SSLCompatibilityLevel,
    });
    await unless([404], ask(`update load balancer ${id}`, put));
    if (changes("type")) await migrate(api, zone, lbId, text(planned["type"]));
    if (changes("ipIds") || changes("assignFlexibleIpv6")) {
      throw new Error(`load balancer ${id}: the sandbox adds no public address to it`);
    }
    return readBack(api, id, planned);
  },

  // As in the plugin, deleting one that is gone already fails with a 404: a refresh is needed first.
  async delete(api, id) {
    const { locality: zone, id: lbId } = parseId(id);
    const lb = await settledLoadBalancer(api, zone, lbId);
    if (lb.privateNetworkCount > 0) await detachAll(api, zone as Zone, lbId);
    const deleted = api.lb.deleteLb({ zone: zone as Zone, lbId, releaseIp: false });
    await unless([404], ask(`delete load balancer ${id}`, deleted));
    await unless([404], settledLoadBalancer(api, zone, lbId));
  },
};

async function migrate(api: Scaleway, zone: Zone, lbId: string, type: string): Promise<void> {
  await settledLoadBalancer(api, zone, lbId);
  const asked = api.lb.migrateLb({ zone, lbId, type });
  await ask(`migrate load balancer ${zone}/${lbId} to type ${type}`, asked);
  await settledLoadBalancer(api, zone, lbId);
}

async function detachAll(api: Scaleway, zone: Zone, lbId: string): Promise<void> {
  for (const { privateNetworkId } of await settledAttachments(api, zone, lbId)) {
    const asked = api.lb.detachPrivateNetwork({ zone, lbId, privateNetworkId });
    const what = `detach private network ${privateNetworkId} from load balancer ${zone}/${lbId}`;
    await unless([404], ask(what, asked));
  }
  await unless([404], settledLoadBalancer(api, zone, lbId));
}

async function readBack(api: Scaleway, id: string, state: Props): Promise<Props> {
  const outputs = await loadBalancer.read(api, id, state);
  if (!outputs) throw new Error(`load balancer ${id} is not there (any more)`);
  return outputs;
}

function sameLetters(before: unknown, after: unknown): boolean {
  return text(before).toLowerCase() === text(after).toLowerCase();
}

/** A flag that the program does not give is not sent. */
function flag(key: string, inputs: Props): Props {
  return typeof inputs[key] === "boolean" ? { [key]: inputs[key] } : {};
}
