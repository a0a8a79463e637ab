import { expect, test } from "vitest";
import { newlyNamed } from "../../components/loadedCertificate.ts";

const SCALEWAY = "service.beta.kubernetes.io/scw-loadbalancer-";
const inputs = (ids?: string) => ({
  metadata: {
    annotations: {
      [`${SCALEWAY}zone`]: "fr-par-1",
      ...(ids !== undefined && { [`${SCALEWAY}certificate-ids`]: ids }),
    },
  },
});
const look = (newInputs: object, oldInputs?: object) =>
  newlyNamed({ name: "a.test", newInputs, ...(oldInputs && { oldInputs }) });
const named = { domain: "a.test", zone: "fr-par-1", certificateId: "new" };

test.each<[string, object | undefined, string | undefined, object | undefined]>([
  ["a new Service with a certificate", undefined, "443:new", named],
  ["another certificate", inputs("443:old"), "443:new", named],
  ["a certificate where there was none", inputs(), "443:new", named],
  ["the same certificate", inputs("443:new"), "443:new", undefined],
  ["none, as in passthrough", inputs("443:old"), undefined, undefined],
])("of %s it looks at what is newly named", (_, old, ids, expected) => {
  expect(look(inputs(ids), old)).toEqual(expected);
});
