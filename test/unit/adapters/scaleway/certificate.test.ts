/** `scaleway_lb_certificate` as the plugin leads it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Props } from "../../../../sandbox/engine/provider.ts";
import { createAuthority } from "../../scaleway/pki.ts";
import { backendArgs, frontendArgs } from "../../scaleway/serving.ts";
import { Lifecycle } from "../lifecycle.ts";
import { startWorld, type World } from "./world.ts";

const CERTIFICATE = "scaleway:loadbalancers/certificate:Certificate";

let scaleway: World;
let chain: string;
beforeAll(async () => {
  scaleway = await startWorld();
  const issued = await (await createAuthority()).issue(["test.example.com"]);
  chain = issued.chainPem + issued.privateKeyPem;
});
beforeEach(() => scaleway.calm());
afterAll(() => scaleway.cloud.close());

describe("a certificate", () => {
  const inputsFor = (lb: Lifecycle, name = "test.example.com-2026-11-21-00c0ffee") => ({
    lbId: lb.id,
    name,
    customCertificate: { certificateChain: chain },
  });
  const upload = (inputs: Props) => new Lifecycle(scaleway.provider, CERTIFICATE).create(inputs);

  test("is created, renamed and deleted", async () => {
    const lb = await scaleway.newLb();
    const certificate = await upload(inputsFor(lb));
    expect(certificate.id).toMatch(/^fr-par-1\//);
    expect(certificate.outputs).toMatchObject({
      ...inputsFor(lb),
      commonName: "test.example.com",
      status: "ready",
    });
    expect(certificate.outputs["notValidAfter"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await certificate.refresh();
    await expect(certificate.diff(inputsFor(lb))).resolves.toMatchObject({ changes: false });
    await certificate.update(inputsFor(lb, "renamed"));
    expect(certificate.outputs["name"]).toBe("renamed");
    await certificate.delete();
    await expect(certificate.refresh()).resolves.toBe(false);
  });

  test("that is not ready at once is waited for", async () => {
    const lb = await scaleway.newLb();
    scaleway.cloud.settings.certificateStatus = "pending";
    scaleway.cloud.settings.certificateReadyAfter = 120;
    const certificate = await upload(inputsFor(lb));
    expect(certificate.outputs["status"]).toBe("ready");
  });

  test("that fails is created nevertheless, as in the plugin: its status says error", async () => {
    const lb = await scaleway.newLb();
    scaleway.cloud.settings.certificateStatus = "error";
    const certificate = await upload(inputsFor(lb));
    expect(certificate.outputs["status"]).toBe("error");
  });

  test("in use is not deleted", async () => {
    const lb = await scaleway.newLb();
    const certificate = await upload(inputsFor(lb));
    await useOnFrontend(bare(lb.id), bare(certificate.id));
    await expect(certificate.delete()).rejects.toThrow(
      /^scaleway: delete certificate fr-par-1\/.+: 412 precondition_failed: /,
    );
  });

  test("that went with its load balancer is not deleted quietly, as in the plugin", async () => {
    const lb = await scaleway.newLb();
    const certificate = await upload(inputsFor(lb));
    await lb.delete();
    await expect(certificate.refresh()).resolves.toBe(false);
    await expect(certificate.delete()).rejects.toThrow(/read certificate .+: 404 not_found/);
  });

  test("keeps its chain secret, also in a refusal", async () => {
    expect(scaleway.provider.secretOutputs?.(CERTIFICATE)).toEqual(["customCertificate"]);
    const lb = await scaleway.newLb();
    const broken = { ...inputsFor(lb), customCertificate: { certificateChain: "no PEM at all" } };
    const attempt = upload(broken);
    await expect(attempt).rejects.toThrow(/create certificate .+: 400 invalid_arguments: /);
    await expect(attempt).rejects.not.toThrow("no PEM at all");
  });

  test("needs a source", async () => {
    const lb = await scaleway.newLb();
    await expect(upload({ lbId: lb.id, name: "none" })).rejects.toThrow(
      "either letsencrypt or custom_certificate",
    );
  });

  /** An id without its zone. */
  const bare = (id: string) => id.split("/")[1] as string;

  async function useOnFrontend(lbId: string, certificateId: string): Promise<void> {
    const { id } = await scaleway.lb.createBackend(backendArgs(lbId));
    const certificateIds = [certificateId];
    await scaleway.lb.createFrontend({ ...frontendArgs(lbId, id), certificateIds });
  }
});
