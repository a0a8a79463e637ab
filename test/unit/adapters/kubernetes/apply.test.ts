/** Server-side apply beside others who edit the same Service, and its previews. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PartialFailure, UNKNOWN } from "../../../../sandbox/engine/provider.ts";
import { Lifecycle } from "../lifecycle.ts";
import { ID, metadataOf, SERVICE, serviceNamed, startWorld, type World } from "./world.ts";

let k8s: World;
beforeAll(async () => {
  k8s = await startWorld();
});
afterAll(() => k8s.close());

describe("server-side apply", () => {
  test("an annotation that another changed is seen after a refresh, and refused to be taken", async () => {
    const service = await k8s.newService("conflict");
    // From the first update on, the fields are this provider's own.
    const inputs = serviceNamed("conflict", { mine: "1" });
    await service.update(inputs);
    await k8s.annotate("conflict", ID, "fr-par-1/9");
    await expect(service.diff(inputs)).resolves.toMatchObject({ changes: false });
    await service.refresh();
    await expect(service.diff(inputs)).resolves.toMatchObject({ changes: true, replaces: [] });
    await expect(service.preview(inputs)).rejects.toThrow(/409 Conflict: /);

    const failure = await service.update(inputs).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartialFailure);
    const { outputs, message } = failure as PartialFailure;
    expect(message).toMatch(/^kubernetes: apply Service ops-tools\/conflict: 409 Conflict: /);
    expect(metadataOf(outputs)).toMatchObject({ annotations: { [ID]: "fr-par-1/9" } });
  });

  test("pulumi.com/patchForce takes it back", async () => {
    const service = await k8s.newService("forced", { "pulumi.com/patchForce": "true" });
    await k8s.annotate("forced", ID, "fr-par-1/9");
    await service.refresh();
    const inputs = serviceNamed("forced", { "pulumi.com/patchForce": "true" });
    await expect(service.preview(inputs)).resolves.toBeDefined();
    await service.update(inputs);
    expect(metadataOf(service.outputs)).toMatchObject({ annotations: { [ID]: "fr-par-1/1" } });
  });

  test("an annotation that another added stays, and is no difference", async () => {
    const service = await k8s.newService("added");
    await k8s.annotate("added", "other", "1");
    await service.refresh();
    await expect(service.diff(serviceNamed("added"))).resolves.toMatchObject({ changes: false });
    await service.update(serviceNamed("added", { mine: "1" }));
    expect(metadataOf(service.outputs)).toMatchObject({ annotations: { other: "1", mine: "1" } });
  });

  test("an annotation that the program drops goes away", async () => {
    const service = await k8s.newService("dropped", { mine: "1" });
    await service.update(serviceNamed("dropped"));
    expect(metadataOf(service.outputs)["annotations"]).not.toHaveProperty("mine");
  });
});

describe("a preview", () => {
  test("of a new object is the server's dry run, without a status", async () => {
    const preview = await new Lifecycle(k8s.provider, SERVICE).preview(serviceNamed("dry"));
    expect(preview).toMatchObject({ spec: { clusterIP: expect.any(String) } });
    expect(preview).not.toHaveProperty("status");
    await expect(k8s.stored("dry")).resolves.toBeUndefined();
  });

  test("of an update knows the uid, and changes nothing", async () => {
    const service = await k8s.newService("dryupdate");
    const { uid } = metadataOf(service.outputs);
    const preview = await service.preview(serviceNamed("dryupdate", { [ID]: "fr-par-1/2" }));
    expect(metadataOf(preview)).toMatchObject({ uid, annotations: { [ID]: "fr-par-1/2" } });
    expect(metadataOf(await k8s.stored("dryupdate"))).toMatchObject({
      annotations: { [ID]: "fr-par-1/1" },
    });
  });

  test("with an unknown value is the inputs", async () => {
    const service = await k8s.newService("dryunknown");
    const inputs = serviceNamed("dryunknown", { [ID]: UNKNOWN });
    await expect(service.preview(inputs)).resolves.toEqual(inputs);
  });

  test("of an object whose name is taken, or whose namespace is not there yet, is the inputs", async () => {
    await k8s.newService("taken");
    const preview = new Lifecycle(k8s.provider, SERVICE).preview(serviceNamed("taken"));
    await expect(preview).resolves.toEqual(serviceNamed("taken"));
    const inputs = serviceNamed("early");
    const early = { ...inputs, metadata: { ...metadataOf(inputs), namespace: "later" } };
    await expect(new Lifecycle(k8s.provider, SERVICE).preview(early)).resolves.toEqual(early);
  });
});
