import { LoadBalancer } from "@pulumiverse/scaleway/loadbalancers/loadBalancer.js";
import { expect, test } from "vitest";
import { FrontendCertificate } from "../../components/frontendCertificate.ts";
import { LoadBalancerCertificate } from "../../components/loadBalancerCertificate.ts";
import { balancer } from "./balancer.ts";
import { record, resolved, unwrapSecret } from "./recorder.ts";
import { BARRIER, INSTALLED } from "./types.ts";

const certificate = {
  chainPem: "LEAF\nINTERMEDIATE\n\n",
  privateKeyPem: "PRIVATE KEY",
  serial: "00aabbccddeeff",
  notBefore: "2026-11-20T10:00:00.000Z",
  notAfter: "2027-02-18T10:00:00.000Z",
};

const installed = () =>
  record(() => {
    const loadBalancer = new LoadBalancer("test", { type: "LB-S" });
    return new LoadBalancerCertificate("test", {
      loadBalancer,
      domain: "test.example.com",
      certificate,
    });
  });

test("the load balancer's certificate is named by domain, first day and serial", async () => {
  const { one } = await installed();
  const { customCertificate, ...inputs } = one(INSTALLED).inputs;
  expect(inputs).toEqual({
    lbId: "fr-par-1/id-of-test",
    name: "test.example.com-2026-11-20-ccddeeff",
  });
  expect(customCertificate).toBeDefined();
});

test("chain and key go to the load balancer in one PEM, as a secret", async () => {
  const { one } = await installed();
  expect(unwrapSecret(one(INSTALLED).inputs["customCertificate"])).toEqual({
    certificateChain: "LEAF\nINTERMEDIATE\nPRIVATE KEY\n",
  });
});

test("one without a key is declared as it is read back: no API gives its chain", async () => {
  const { one } = await record(() => {
    const loadBalancer = new LoadBalancer("test", { type: "LB-S" });
    const adopted = { ...certificate, privateKeyPem: "" };
    const args = { loadBalancer, domain: "test.example.com", certificate: adopted };
    return new LoadBalancerCertificate("test", { ...args, importId: "fr-par-1/old" });
  });
  expect(one(INSTALLED).inputs).toEqual({
    lbId: "fr-par-1/id-of-test",
    name: "test.example.com-2026-11-20-ccddeeff",
  });
  expect(one(INSTALLED).importId).toBe("fr-par-1/old");
});

test("a new certificate comes before the old one goes, and both go with their load balancer", async () => {
  const { one } = await installed();
  const { deleteBeforeReplace, deletedWith } = one(INSTALLED);
  expect(deleteBeforeReplace).toBe(false);
  expect(deletedWith).toMatch(/scaleway:loadbalancers\/loadBalancer:LoadBalancer::test$/);
});

test("its output is the certificate's id", async () => {
  const { result } = await installed();
  expect(await resolved(result.certificateId)).toBe("fr-par-1/id-of-test");
});

test("the barrier's inputs are exactly these", async () => {
  const { types, one } = await record(
    () =>
      new FrontendCertificate("test", {
        loadBalancer: balancer,
        serviceUid: "uid-1",
        certificateId: "fr-par-1/33333333-3333-4333-8333-333333333333",
        serial: "00aabbccddeeff",
        names: ["test.example.com"],
        address: "172.16.8.2",
        network: "production",
      }),
  );
  expect(types()).toEqual([BARRIER]);
  const { __provider, ...inputs } = one(BARRIER).inputs;
  expect(inputs).toEqual({
    zone: "fr-par-1",
    loadBalancerId: balancer.loadBalancerId,
    serviceUid: "uid-1",
    port: 443,
    certificateId: "fr-par-1/33333333-3333-4333-8333-333333333333",
    serial: "00aabbccddeeff",
    names: ["test.example.com"],
    address: "172.16.8.2",
    network: "production",
    timeout: 120,
    status: "served",
  });
  expect(__provider).toContain("frontend/provider.ts");
});
