/** The steps that look at both environments: who reaches what, and the way back to nothing. */
import { HTTPS_PORT } from "../../config/naming.ts";
import { get, Refused } from "../client/request.ts";
import { environments } from "../world/fixtures.ts";
import { endpoints, runWell, type Tour, writesSince } from "./context.ts";

const OUTSIDE = "outside";
const NETWORKS = environments.map(({ name }) => name);

/** A name, and the network in which it is declared to be reached. */
interface Name {
  domain: string;
  network: string;
  /** Of HTTPS. */
  port: number;
}

export async function bringUpBeside(first: Tour, second: Tour): Promise<void> {
  await runWell(second, "up");
  await checkReach([first, second]);
  for (const tour of [first, second]) await checkAttachments(tour);
  const { publicIps } = first.world.scaleway.inventory();
  const addresses = publicIps.map(({ name }) => name).join(", ");
  first.report.check("no load balancer has a public address", publicIps.length === 0, addresses);
}

/** Asks for every name from every network, and from outside of all. */
async function checkReach(tours: [Tour, Tour]): Promise<void> {
  const [{ world, report }] = tours;
  const places = [...NETWORKS, OUTSIDE];
  const names = tours.flatMap(declaredNames);
  const seen = await Promise.all(
    names.map(({ domain, port }) =>
      Promise.all(
        places.map((place) => {
          const proxy = place === OUTSIDE ? world.outsideProxy : world.proxy(place);
          return outcome({ proxy, host: domain, port, roots: world.roots });
        }),
      ),
    ),
  );
  const width = Math.max(...names.map(({ domain }) => domain.length));
  const line = (head: string, cells: string[]) =>
    [head.padEnd(width), ...cells.map((cell, i) => cell.padEnd(places[i]?.length ?? 0))]
      .join("  ")
      .trimEnd();
  report.say(line("from:", places));
  for (const [i, { domain }] of names.entries()) report.say(line(domain, seen[i] ?? []));
  const wrong = names.flatMap(({ domain, network }, i) =>
    places
      .filter((place, j) => seen[i]?.[j] !== (place === network ? "200" : REFUSED))
      .map((place) => `${domain} from ${place}`),
  );
  report.check(
    "each answers where it is declared and nowhere else",
    wrong.length === 0,
    wrong.join(", "),
  );
}

const REFUSED = "-";

/** The status, `-` where the network lets nothing through, or what else went wrong. */
async function outcome(target: Parameters<typeof get>[0]): Promise<string> {
  try {
    return String((await get(target)).status);
  } catch (error) {
    return error instanceof Refused ? REFUSED : (error as Error).message;
  }
}

interface Peer {
  network: string;
  domain: string;
}

const peersOf = (endpoint: { [key: string]: unknown }) => (endpoint["alsoFrom"] ?? []) as Peer[];

function declaredNames({ settings, network }: Tour): Name[] {
  return settings()["private-lb:endpoints"].flatMap((endpoint) => {
    const port = Number(endpoint["port"] ?? HTTPS_PORT);
    const own = { domain: endpoint.domain, network };
    return [own, ...peersOf(endpoint)].map((name) => ({ ...name, port }));
  });
}

/** The CCM attaches the cluster's own network, which is the environment's; the rest is as declared. */
async function checkAttachments(tour: Tour): Promise<void> {
  const { world, report, network, settings } = tour;
  const balancers = world.scaleway.loadBalancers();
  for (const { domain, loadBalancerId } of await endpoints(tour)) {
    const declared = settings()["private-lb:endpoints"].find((each) => each.domain === domain);
    const wanted = [network, ...peersOf(declared ?? {}).map((peer) => peer.network)].sort();
    const attached = balancers
      .find(({ id }) => id === loadBalancerId)
      ?.privateNetworks.map(({ name }) => name)
      .sort();
    report.check(
      `${domain} is attached to what is declared, and nothing else`,
      JSON.stringify(attached) === JSON.stringify(wanted),
      attached?.join(", "),
    );
  }
}

export async function tearDown(first: Tour, second: Tour): Promise<void> {
  await checkProtection(second);
  second.configure((settings) => {
    settings["private-lb:protect"] = "never";
  });
  await Promise.all([
    runWell(first, "destroy"),
    runWell(second, "up").then(() => runWell(second, "destroy")),
  ]);
  const left = Object.entries(await first.world.leftovers()).flatMap(([what, names]) =>
    names.map((name) => `${what} ${name}`),
  );
  first.report.check(
    "no load balancer, address, certificate, record, Service or NetworkPolicy is left",
    left.length === 0,
    left.join(", "),
  );
}

/** Production is protected: a destroy is refused, and has deleted nothing then. */
async function checkProtection(tour: Tour): Promise<void> {
  const { report, runner, world, stack } = tour;
  const before = world.log.calls.length;
  const { ok, errors } = await runner.destroy();
  const isProtected = !ok && errors.some((error) => error.includes("protected"));
  const untouched = writesSince(world, before).length === 0;
  report.check(`${stack} is protected: a destroy deletes nothing`, isProtected && untouched);
}
