import { notSupported } from "../causes.ts";
import type { KubeObject } from "../types.ts";
import type { Strategy } from "./strategy.ts";

type Secret = KubeObject & {
  type?: string;
  data?: Record<string, string>;
  stringData?: Record<string, string>;
};

export const secretStrategy: Strategy = {
  default(object) {
    const secret = object as Secret;
    secret.type ??= "Opaque";
    const { stringData } = secret;
    if (!stringData) return;
    const encoded = Object.entries(stringData).map(([key, value]) => {
      return [key, Buffer.from(value).toString("base64")];
    });
    secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
    delete secret.stringData;
  },
  validate(object, old) {
    const secret = object as Secret;
    if (old && old["type"] !== secret.type) {
      return [notSupported("type", secret.type, [String(old["type"])])];
    }
    return [];
  },
};
