/**
 * `scaleway_lb_certificate`. https://github.com/scaleway/terraform-provider-scaleway/blob/master/internal/services/lb/certificate.go
 * A certificate that ends in status `error` is a warning to the plugin, not a failure: the resource is created.
 */
import type { Zone } from "@scaleway/sdk-client";
import type { Lbv1 } from "@scaleway/sdk-lb";
import type { Props } from "../../engine/provider.ts";
import type { Fields, ResourceType } from "../table.ts";
import { isObject, text, texts } from "../values.ts";
import { type Scaleway, timestamp } from "./client.ts";
import { ask, unless } from "./errors.ts";
import { localId, parseId } from "./ids.ts";
import { settledCertificate, settledLoadBalancer } from "./waits.ts";

const fields: Fields = {
  lbId: { kind: "string", change: "replace", required: true },
  name: { kind: "string", change: "update", filled: true, autoName: true },
  letsencrypt: {
    kind: "object",
    change: "replace",
    conflictsWith: ["customCertificate"],
    fields: {
      commonName: { kind: "string", change: "replace", required: true },
      subjectAlternativeNames: { kind: "strings", change: "replace" },
    },
  },
  customCertificate: {
    kind: "object",
    change: "replace",
    conflictsWith: ["letsencrypt"],
    fields: {
      certificateChain: { kind: "string", change: "replace", required: true, secret: true },
    },
  },
  commonName: { kind: "string", change: "computed" },
  subjectAlternativeNames: { kind: "strings", change: "computed" },
  fingerprint: { kind: "string", change: "computed" },
  notValidBefore: { kind: "string", change: "computed" },
  notValidAfter: { kind: "string", change: "computed" },
  status: { kind: "string", change: "computed" },
};

export const certificate: ResourceType<Scaleway> = {
  token: "scaleway:loadbalancers/certificate:Certificate",
  toolkit: "sdk",
  fields,

  async create(api, inputs, created) {
    const { locality, id: lbId } = parseId(text(inputs["lbId"]));
    const zone = locality as Zone;
    const source = certificateSource(inputs);
    await settledLoadBalancer(api, zone, lbId);
    const asked = api.lb.createCertificate({ zone, lbId, name: text(inputs["name"]), ...source });
    const what = `create certificate ${text(inputs["name"])} on load balancer ${zone}/${lbId}`;
    const { id: certificateId } = await ask(what, asked);
    const id = localId(zone, certificateId);
    created(id);
    await settledCertificate(api, zone, certificateId);
    return readBack(api, id, inputs);
  },

  async read(api, id, state) {
    const { locality, id: certificateId } = parseId(id);
    const asked = api.lb.getCertificate({ zone: locality as Zone, certificateId });
    const found = await unless([404], ask(`read certificate ${id}`, asked));
    return found && { ...state, ...observed(locality, found) };
  },

  async update(api, { id, planned, changes }) {
    const { locality, id: certificateId } = parseId(id);
    if (changes("name")) {
      const name = text(planned["name"]);
      const asked = api.lb.updateCertificate({ zone: locality as Zone, certificateId, name });
      await ask(`rename certificate ${id} to ${name}`, asked);
      await settledCertificate(api, locality, certificateId);
    }
    return readBack(api, id, planned);
  },

  // As in the plugin, deleting one that is gone already (with its load balancer, say) fails with a 404.
  async delete(api, id) {
    const { locality, id: certificateId } = parseId(id);
    await settledCertificate(api, locality, certificateId);
    const asked = api.lb.deleteCertificate({ zone: locality as Zone, certificateId });
    await ask(`delete certificate ${id}`, asked);
    await unless([403, 404], settledCertificate(api, locality, certificateId));
  },
};

type Source = Pick<Lbv1.ZonedApiCreateCertificateRequest, "letsencrypt" | "customCertificate">;

function certificateSource({ letsencrypt, customCertificate }: Props): Source {
  if (isObject(customCertificate)) {
    return { customCertificate: { certificateChain: text(customCertificate["certificateChain"]) } };
  }
  if (isObject(letsencrypt)) {
    const { commonName, subjectAlternativeNames } = letsencrypt;
    return {
      letsencrypt: {
        commonName: text(commonName),
        subjectAlternativeName: texts(subjectAlternativeNames),
      },
    };
  }
  throw new Error(
    "you need to define either letsencrypt or custom_certificate configuration (letsencrypt, customCertificate)",
  );
}

async function readBack(api: Scaleway, id: string, state: Props): Promise<Props> {
  const outputs = await certificate.read(api, id, state);
  if (!outputs) throw new Error(`certificate ${id} is not there (any more)`);
  return outputs;
}

/** The API never gives the chain back: it stays as the state has it. */
function observed(zone: string, found: Lbv1.Certificate): Props {
  return {
    ...(found.lb && { lbId: localId(zone, found.lb.id) }),
    name: found.name,
    commonName: found.commonName,
    subjectAlternativeNames: found.subjectAlternativeName,
    fingerprint: found.fingerprint,
    notValidBefore: timestamp(found.notValidBefore),
    notValidAfter: timestamp(found.notValidAfter),
    status: found.status,
  };
}
