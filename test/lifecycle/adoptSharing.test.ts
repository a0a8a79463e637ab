/** Taking over what several endpoints have in common, or what no certificate tells of. */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type AdoptOptions, adopt } from "../../operate/adopt/adopt.ts";
import { deployed } from "../../operate/deployed.ts";
import { startHandshakes } from "../../sandbox/client/handshakes.ts";
import { deployedEndpoints } from "../../sandbox/world/deployed.ts";
import { administrator, type Site, startSite } from "./adopting.ts";
import { makeByHand } from "./handmade.ts";
import { changes, succeed } from "./runs.ts";
import type { Stack, Stage } from "./stage.ts";

vi.setConfig({ testTimeout: 240_000 });

let site: Site;
let stage: Stage;
let folder: string;
beforeAll(async () => {
  site = await startSite();
  ({ stage, folder } = site);
});
afterAll(() => site?.close());

const MARGIN = 3;

const take = ({ place }: Stack, more: Partial<AdoptOptions>) =>
  adopt({
    ...{ projectDir: folder, stack: "staging", stackFile: place.configFile },
    ...{ env: administrator(stage.world), ...more },
  });

/** All handshakes with these, until what is done is done. */
async function under(targets: { host: string; port: number }[], work: () => Promise<void>) {
  const { world } = stage;
  const at = { proxy: world.proxy("staging"), roots: world.roots };
  const witnesses = targets.map((target) => startHandshakes({ ...at, ...target }, 50));
  const more = () => Promise.all(witnesses.map((witness) => witness.more(MARGIN)));
  await more();
  await work();
  await more();
  const seen = await Promise.all(witnesses.map((witness) => witness.stop()));
  expect(seen.flatMap(({ failures }) => failures)).toEqual([]);
}

const orders = () =>
  stage.world.log.calls.filter(({ path: at, status }) => /order-plz/.test(at) && status === 201)
    .length;

/** What the state has of each endpoint, by what must not change. */
async function identities({ runner }: Stack) {
  const { endpoints } = await deployed(runner);
  return endpoints.map(({ domain, port, loadBalancer, installedId, service, networks }) => ({
    ...{ domain, port, loadBalancer, installedId, networks, service: service?.uid },
  }));
}

/** Applies the import file: nothing is replaced, deleted or ordered. */
async function upFrom(stack: Stack, importFile: string): Promise<void> {
  const placed = orders();
  const { steps } = await succeed(stack.with({ PRIVATE_LB_IMPORT: importFile }).up());
  expect(steps.filter(({ internal, op }) => !internal && /replace|delete/.test(op))).toEqual([]);
  expect(orders()).toBe(placed);
}

test("where the state is lost, a shared load balancer and a passthrough endpoint of two networks are taken over as they are", async () => {
  const { world } = stage;
  const stack = stage.stack();
  const loadBalancer = stack.domain("tools").split(".", 1)[0] ?? "";
  stack.declare("a", { loadBalancer });
  stack.declare("b", { loadBalancer, port: 8443 });
  const peer = { network: "monitoring", domain: stack.domain("p-from-monitoring") };
  stack.declare("p", { tls: "passthrough", alsoFrom: [peer] });
  await succeed(stack.runner.up());
  const endpoints = await identities(stack);
  expect(endpoints).toHaveLength(3);
  const before = [world.scaleway.inventory(), world.cloudflare.inventory()];
  rmSync(stack.stateFile);

  const targets = [443, 8443].map((port, i) => ({ host: stack.domain("ab"[i] ?? ""), port }));
  await under(targets, async () => {
    const { added, proposals, importFile } = await take(stack, { isStateLost: true });
    expect(proposals.flatMap(({ obstacles }) => obstacles)).toEqual([]);
    expect(proposals.map(({ endpoint }) => endpoint?.domain).toSorted()).toEqual(
      ["a", "b", "p"].map(stack.domain),
    );
    expect(proposals.flatMap((each) => [...each.changes, ...each.notes].join("\n"))).toEqual(
      proposals.map(() => expect.not.stringMatching(/certificate|is made|not declared|nobody/)),
    );
    expect(added).toEqual([]);
    await upFrom(stack, importFile);
  });
  expect([world.scaleway.inventory(), world.cloudflare.inventory()]).toEqual(before);
  expect(await identities(stack)).toEqual(endpoints);
  expect(changes(await succeed(stack.runner.preview({ refresh: true })))).toEqual([]);
});

test("a load balancer that was made by hand for two Services is taken over as one that both share", async () => {
  const { world } = stage;
  const stack = stage.stack();
  const name = `private-lb-staging-${stack.domain("both").split(".", 1)[0]}`;
  const a = await makeByHand(world, { domain: stack.domain("a"), name, renamed: true });
  const { loadBalancerId } = a;
  const beside = { loadBalancerId, port: 8443 };
  const b = await makeByHand(world, { domain: stack.domain("b"), name, renamed: true, beside });
  const targets = [a, b].map(({ domain: host }, i) => ({ host, port: i === 0 ? 443 : 8443 }));
  await under(targets, async () => {
    const more = { loadBalancers: [loadBalancerId], renameFrontends: true, write: true };
    const { added, renamed, importFile } = await take(stack, more);
    const shared = { loadBalancer: name.replace("private-lb-staging-", "") };
    expect(added).toEqual([
      expect.objectContaining({ domain: a.domain, ...shared }),
      expect.objectContaining({ domain: b.domain, ...shared, port: 8443 }),
    ]);
    expect(renamed).toEqual([a.domain, b.domain]);
    await upFrom(stack, importFile);
  });
  const made = await deployedEndpoints(stack.runner);
  expect(made).toEqual(
    [a, b].map(({ domain, certificateId, serviceUid }, i) =>
      expect.objectContaining({
        ...{ domain, certificateId, serviceUid, loadBalancerId, port: i === 0 ? 443 : 8443 },
      }),
    ),
  );
  expect(changes(await succeed(stack.runner.preview({ refresh: true })))).toEqual([]);
});
