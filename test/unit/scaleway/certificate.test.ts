import { X509Certificate } from "node:crypto";
import type { Lbv1 } from "@scaleway/sdk-lb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clients, failure, startCloud } from "./cloud.ts";
import { type Authority, createAuthority, type Issued } from "./pki.ts";
import { backendArgs, frontendArgs } from "./serving.ts";

let scaleway: Clients;
let authority: Authority;
let issued: Issued;
let lb: Lbv1.Lb;
beforeAll(async () => {
  scaleway = await startCloud();
  authority = await createAuthority();
  issued = await authority.issue(["vault.example.com", "*.vault.example.com"]);
  lb = await scaleway.newLb();
});
afterAll(() => scaleway.cloud.close());

const upload = (certificateChain: string, name = "vault") =>
  scaleway.lb.createCertificate({ lbId: lb.id, name, customCertificate: { certificateChain } });

async function frontend(certificateIds: string[]): Promise<Lbv1.Frontend> {
  const backend = await scaleway.lb.createBackend(backendArgs(lb.id));
  const { frontends } = await scaleway.lb.listFrontends({ lbId: lb.id });
  const port = 4430 + frontends.length;
  return scaleway.lb.createFrontend({ ...frontendArgs(lb.id, backend.id, port), certificateIds });
}

/** An upload to a load balancer of a cloud of the test's own. */
async function uploader(own: Clients): Promise<() => Promise<Lbv1.Certificate>> {
  const { id: lbId } = await own.newLb();
  const certificateChain = issued.chainPem + issued.privateKeyPem;
  return () => own.lb.createCertificate({ lbId, customCertificate: { certificateChain } });
}

describe("a custom certificate", () => {
  test("is ready at once, and says what it holds but never its key", async () => {
    const created = await upload(issued.chainPem + issued.privateKeyPem);
    const parsed = new X509Certificate(issued.certificatePem);
    expect(created).toMatchObject({
      name: "vault",
      type: "custom",
      status: "ready",
      commonName: "vault.example.com",
      subjectAlternativeName: ["*.vault.example.com"],
      fingerprint: parsed.fingerprint.replaceAll(":", "").toLowerCase(),
      notValidAfter: parsed.validToDate,
      notValidBefore: parsed.validFromDate,
    });
    const { body } = await scaleway.raw("GET", `/lb/v1/zones/fr-par-1/certificates/${created.id}`);
    expect(JSON.stringify(body)).not.toContain("BEGIN");
    await scaleway.lb.deleteCertificate({ certificateId: created.id });
  });

  test("may have its key in the first place, and is named by its first alternative name", async () => {
    const other = await authority.issue(["b.example.com"], "a.example.com");
    const created = await upload(other.privateKeyPem + other.chainPem);
    expect([created.commonName, created.subjectAlternativeName]).toEqual(["b.example.com", []]);
    await scaleway.lb.deleteCertificate({ certificateId: created.id });
  });

  test.each([
    ["no certificate", () => issued.privateKeyPem],
    ["no key", () => issued.chainPem],
    ["no PEM at all", () => "certificate"],
    ["two keys", () => issued.chainPem + issued.privateKeyPem.repeat(2)],
    [
      "a certificate that does not parse",
      () => `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${issued.privateKeyPem}`,
    ],
    [
      "a key that does not parse",
      () => `${issued.chainPem}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`,
    ],
    ["too many certificates", () => issued.chainPem.repeat(100) + issued.privateKeyPem],
  ])("with %s is refused", async (_, chain) => {
    const error = await failure(upload(chain()));
    expect([error.status, error.name]).toEqual([400, "InvalidArgumentsError"]);
    expect(error.body["details"]).toEqual([
      expect.objectContaining({ argument_name: "custom_certificate.certificate_chain" }),
    ]);
  });

  test("with another certificate's key is refused", async () => {
    const other = await authority.issue(["other.example.com"]);
    const error = await failure(upload(issued.chainPem + other.privateKeyPem));
    expect(error.status).toBe(400);
    expect(error.message).toContain("does not belong");
  });

  test("in use by a frontend is not deleted", async () => {
    const certificate = await upload(issued.chainPem + issued.privateKeyPem);
    const used = await frontend([certificate.id]);
    expect(used.certificate?.id).toBe(certificate.id);
    const error = await failure(scaleway.lb.deleteCertificate({ certificateId: certificate.id }));
    expect([error.status, error.name]).toEqual([412, "PreconditionFailedError"]);
    expect(error.message).toContain("the certificate is used on a frontend");
    await scaleway.lb.deleteFrontend({ frontendId: used.id });
    await scaleway.lb.deleteCertificate({ certificateId: certificate.id });
  });

  test("keeps the frontend's order among others", async () => {
    const ids = [];
    for (let i = 0; i < 3; i++) ids.push((await upload(issued.chainPem + issued.privateKeyPem)).id);
    const wanted = ids.toReversed();
    const made = await frontend(wanted);
    expect(made.certificateIds).toEqual(wanted);
    expect(made.certificate?.id).toBe(wanted[0]);
    const seen = scaleway.cloud
      .loadBalancers()
      .flatMap((each) => each.frontends)
      .find((each) => each.id === made.id);
    expect(seen?.certificates.map(({ id }) => id)).toEqual(wanted);
  });

  test("is renamed", async () => {
    const { id } = await upload(issued.chainPem + issued.privateKeyPem);
    const renamed = await scaleway.lb.updateCertificate({ certificateId: id, name: "new" });
    expect(renamed.name).toBe("new");
  });

  test("can be slow to become ready, and can fail", async () => {
    const own = await startCloud();
    try {
      const make = await uploader(own);
      own.cloud.settings.certificateStatus = "pending";
      own.cloud.settings.certificateReadyAfter = 50;
      const slow = await make();
      expect(slow.status).toBe("pending");
      await expect
        .poll(async () => (await own.lb.getCertificate({ certificateId: slow.id })).status)
        .toBe("ready");
      own.cloud.settings.certificateStatus = "error";
      expect(await make()).toMatchObject({
        status: "error",
        statusDetails: expect.stringContaining("deployed"),
      });
    } finally {
      await own.cloud.close();
    }
  });
});

test("a Let's Encrypt certificate is refused on a private load balancer", async () => {
  const error = await failure(
    scaleway.lb.createCertificate({
      lbId: lb.id,
      letsencrypt: { commonName: "vault.example.com", subjectAlternativeName: [] },
    }),
  );
  expect([error.status, error.name]).toEqual([412, "PreconditionFailedError"]);
  expect(error.message).toContain("public IP address");
});

test("the 201st certificate of a load balancer is refused", async () => {
  const own = await startCloud();
  try {
    const make = await uploader(own);
    for (let i = 0; i < 200; i++) await make();
    expect((await failure(make())).name).toBe("QuotasExceededError");
  } finally {
    await own.cloud.close();
  }
});
