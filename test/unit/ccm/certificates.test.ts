/** Certificates on frontends, and frontends that are not the CCM's. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../kubernetes/cluster.ts";
import { deleteService, failures } from "./services.ts";
import { NAMESPACE, startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => world.clean());
afterAll(() => world.close());

describe("certificates", () => {
  test("are attached by the annotation, sorted, by one write", async () => {
    const ids = [await world.certificate(), await world.certificate()].sort().reverse();
    await world.service("certs");
    world.writes();
    await world.annotate("certs", {
      "certificate-ids": `443:${ids.map((id) => `fr-par-1/${id}`)}`,
    });
    expect(world.writes()).toEqual(["PUT frontends"]);
    expect((await world.frontends())[0]?.certificateIds).toEqual(ids.toReversed());
  });

  test("that do not exist leave the old one, and are tried again", async () => {
    const good = await world.certificate();
    await world.service("missing", { "certificate-ids": `443:${good}` });
    await world.annotate("missing", {
      "certificate-ids": "443:99999999-9999-4999-8999-999999999999",
    });
    expect((await world.frontends())[0]?.certificateIds).toEqual([good]);
    expect((await failures(world, "missing"))[0]).toMatch(
      /failed updating frontend: .* is not found|not_found/,
    );
    const other = await world.certificate();
    await world.annotate("missing", { "certificate-ids": `443:${other}` });
    expect((await world.frontends())[0]?.certificateIds).toEqual([other]);
  });

  test("named per id with a port each are refused", async () => {
    const [a, b] = [await world.certificate(), await world.certificate()];
    await world.service("odd", { "certificate-ids": `443:${a},443:${b}` });
    expect(await failures(world, "odd")).toHaveLength(1);
    expect(await world.frontends()).toEqual([]);
  });

  test("attached over the API alone are taken off at the next sync", async () => {
    const [own, foreign] = [await world.certificate(), await world.certificate()];
    await world.service("reverted", { "certificate-ids": `443:${own}` });
    const [frontend] = await world.frontends();
    if (!frontend) throw new Error("no frontend");
    await world.lb.updateFrontend({
      frontendId: frontend.id,
      name: frontend.name,
      inboundPort: 443,
      backendId: frontend.backend?.id ?? "",
      certificateIds: [foreign],
      enableHttp3: false,
    });
    await world.k8s.patch(`/api/v1/namespaces/${NAMESPACE}/services/reverted`, {
      metadata: { labels: { a: "b" } },
    });
    await world.ccm.idle();
    expect((await world.frontends())[0]?.certificateIds).toEqual([foreign]);
    await world.ccm.stop();
    await world.ccm.start();
    await eventually(
      () => world.frontends(),
      ([one]) => one?.certificateIds[0] === own,
    );
  });
});

describe("a foreign frontend", () => {
  test("is what a renamed one becomes: the port is in use until it goes", async () => {
    await world.service("renamed");
    const [frontend] = await world.frontends();
    if (!frontend) throw new Error("no frontend");
    await world.lb.updateFrontend({
      frontendId: frontend.id,
      name: "test.example.com",
      inboundPort: 443,
      backendId: frontend.backend?.id ?? "",
      enableHttp3: false,
    });
    await world.annotate("renamed", { "timeout-client": "1m" });
    expect((await failures(world, "renamed"))[0]).toContain("failed creating frontend port: 443");
    expect((await world.frontends()).map(({ name }) => name)).toEqual(["test.example.com"]);
    await deleteService(world, "renamed");
    expect((await world.read("renamed"))?.metadata?.deletionTimestamp).toBeDefined();
    await world.lb.deleteFrontend({ frontendId: frontend.id });
    await eventually(
      () => world.read("renamed"),
      (seen) => seen === undefined,
    );
  });

  test("is left alone when the Service goes", async () => {
    await world.service("beside");
    const [backend] = await world.backends();
    const foreign = await world.lb.createFrontend({
      lbId: world.balancer.id,
      name: "other",
      inboundPort: 8443,
      backendId: backend?.id ?? "",
      enableHttp3: false,
      enableAccessLogs: false,
    });
    await world.annotate("beside", { "timeout-client": "1m" });
    expect((await world.frontends()).map(({ name }) => name)).toContain("other");
    await world.lb.deleteFrontend({ frontendId: foreign.id });
  });
});
