import { notSupported, required } from "../causes.ts";
import type { KubeObject } from "../types.ts";
import type { Strategy } from "./strategy.ts";

type EndpointSlice = KubeObject & {
  addressType?: string;
  endpoints?: { conditions?: { ready?: boolean } }[];
  ports?: { protocol?: string; name?: string }[];
};

const ADDRESS_TYPES = ["FQDN", "IPv4", "IPv6"];

export const endpointSliceStrategy: Strategy = {
  generation: true,
  default(object) {
    const slice = object as EndpointSlice;
    slice.endpoints ??= [];
    for (const port of slice.ports ?? []) {
      port.protocol ??= "TCP";
      port.name ??= "";
    }
  },
  validate(object) {
    const { addressType } = object as EndpointSlice;
    if (!addressType) return [required("addressType")];
    if (ADDRESS_TYPES.includes(addressType)) return [];
    return [notSupported("addressType", addressType, ADDRESS_TYPES)];
  },
};
