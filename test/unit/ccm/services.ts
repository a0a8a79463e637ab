/** What a test does with Services, whichever CCM runs. */
import type { V1Service } from "@kubernetes/client-node";
import type { Lbv1 } from "@scaleway/sdk-lb";
import { expect } from "vitest";
import { eventually } from "../kubernetes/cluster.ts";
import { NAMESPACE, type World } from "./world.ts";

const PATIENCE = 15_000;

/** The Service once it is served. */
export function served(world: World, name: string): Promise<V1Service | undefined> {
  return eventually(
    () => world.read(name),
    (seen) => (seen?.status?.loadBalancer?.ingress?.length ?? 0) > 0,
    PATIENCE,
  );
}

/** Of its events, in the order of the API. */
export async function reasons(world: World, name: string): Promise<(string | undefined)[]> {
  return (await world.events(name)).map(({ reason }) => reason);
}

/** The messages of its warnings. */
export async function failures(world: World, name: string): Promise<(string | undefined)[]> {
  const all = await world.events(name);
  return all.filter(({ type }) => type === "Warning").map(({ message }) => message);
}

/** Deletes it and lets the sandbox's CCM work; a finalizer may hold it then. */
export async function deleteService(world: World, name: string): Promise<void> {
  await world.k8s.raw("DELETE", `/api/v1/namespaces/${NAMESPACE}/services/${name}`);
  await world.ccm.idle();
}

/** Deletes it and waits until it is gone. */
export async function removeService(world: World, name: string): Promise<void> {
  await world.k8s.raw("DELETE", `/api/v1/namespaces/${NAMESPACE}/services/${name}`);
  await eventually(
    () => world.read(name),
    (seen) => seen === undefined,
    PATIENCE,
  );
}

/** Two Services on one load balancer: each is served, and the one that goes leaves the other as it is. */
export async function shareBalancer(world: World): Promise<void> {
  const uids: Record<number, string | undefined> = {};
  for (const port of [443, 8443]) {
    const annotations = {
      "private-ip-ids": world.addressId,
      "certificate-ids": `${port}:${await world.certificate()}`,
    };
    await world.service(`shares-${port}`, annotations, {
      ports: [{ name: "https", port, targetPort: 80 }],
    });
    uids[port] = (await served(world, `shares-${port}`))?.metadata?.uid;
  }
  const frontends = await world.frontends();
  expect(frontends.map(({ name }) => name).sort()).toEqual(
    [`${uids[443]}_tcp_443`, `${uids[8443]}_tcp_8443`].sort(),
  );
  expect(new Set(frontends.map(({ certificateIds }) => certificateIds.join())).size).toBe(2);
  await removeService(world, "shares-443");
  const untouched = ({ id, updatedAt }: Lbv1.Frontend) => ({ id, updatedAt });
  expect((await world.frontends()).map(untouched)).toEqual(
    frontends.filter(({ inboundPort }) => inboundPort === 8443).map(untouched),
  );
  expect(await world.backends()).toHaveLength(1);
  await removeService(world, "shares-8443");
  expect([await world.frontends(), await world.backends()]).toEqual([[], []]);
}

/** A Service that is deleted, and made anew elsewhere under its name, leaves nothing where it was. */
export async function replaceElsewhere(world: World): Promise<void> {
  const annotations = { "private-ip-ids": world.addressId };
  await world.service("replaced", annotations);
  await served(world, "replaced");
  await removeService(world, "replaced");
  expect([await world.frontends(), await world.backends()]).toEqual([[], []]);
  const { id } = await world.newBalancer("private-lb-replaced");
  await world.service("replaced", { id: `fr-par-1/${id}` });
  const uid = (await served(world, "replaced"))?.metadata?.uid;
  const names = (await world.frontends(id)).map(({ name }) => name);
  expect(names).toEqual([`${uid}_tcp_443`]);
  expect(await world.frontends()).toEqual([]);
  await removeService(world, "replaced");
}

/** A Service that names another load balancer is served there; what it had on the one before stays, and is nobody's. */
export async function moveAway(world: World): Promise<void> {
  const service = await world.service("moves", { "private-ip-ids": world.addressId });
  await served(world, "moves");
  const name = `${service.metadata?.uid}_tcp_443`;
  const names = async (lbId?: string) => (await world.frontends(lbId)).map((each) => each.name);
  const { id } = await world.newBalancer(`private-lb-other-${service.metadata?.uid?.slice(0, 8)}`);
  await world.annotate("moves", { id: `fr-par-1/${id}`, "private-ip-ids": null });
  await eventually(
    () => names(id),
    (seen) => seen.includes(name),
    PATIENCE,
  );
  await removeService(world, "moves");
  expect(await names(id)).toEqual([]);
  expect(await names()).toEqual([name]);
  await world.clean();
}
