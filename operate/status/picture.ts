/** One environment as an inline SVG: its networks, who of them reaches which load balancer, and what is behind. */
import { authority } from "../../config/naming.ts";
import { certificateBar } from "./bar.ts";
import { element, type Markup } from "./markup.ts";
import type { EndpointStatus, StackStatus } from "./status.ts";

const WIDTH = 1000;
const PAD = 12;
const LINE = 18;
const NETWORKS = { x: 8, width: 200 };
const BALANCERS = { x: 300, width: 420 };
const CLUSTER = { x: 792, width: 200 };
const NETWORK_HEIGHT = 54;
const GAP = 18;
const HEAD = 30;
/** As many as one load balancer takes networks, each with dashes of its own; a further one begins again. */
const COLOURS = 8;

interface Network {
  name: string;
  range: string;
  index: number;
}

export function picture({ stack, endpoints }: StackStatus): Markup {
  const networks = networksOf(endpoints);
  const tops = stackUp(endpoints.map(balancerHeight), GAP);
  const balancersHeight = tops.end;
  const networksHeight = (networks.length + 1) * (NETWORK_HEIGHT + GAP) - GAP;
  const height = Math.max(balancersHeight, networksHeight);
  const balancerAt = (i: number) => HEAD + (height - balancersHeight) / 2 + (tops.starts[i] ?? 0);
  const networkAt = (i: number) =>
    HEAD + (height - networksHeight) / 2 + i * (NETWORK_HEIGHT + GAP);
  const id = `picture-${stack.replaceAll(/[^\w-]/g, "-")}`;
  const lines = endpoints.flatMap((endpoint, i) =>
    endpoint.networks.map((network, at) => {
      const from = networks.findIndex(({ name }) => name === network.name);
      const y = networkAt(from) + NETWORK_HEIGHT / 2;
      return way(from, y, balancerAt(i) + lineAt(at));
    }),
  );
  return element(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEAD + height + PAD}`,
      role: "img",
      "aria-labelledby": `${id}-title ${id}-text`,
    },
    element("title", { id: `${id}-title` }, `Who reaches what in ${stack}`),
    element("desc", { id: `${id}-text` }, description(endpoints)),
    heading(NETWORKS.x, "clients in the private network"),
    heading(BALANCERS.x, "private load balancer"),
    heading(CLUSTER.x, "cluster"),
    lines,
    networks.map((network) => networkBox(network, networkAt(network.index))),
    outside(networkAt(networks.length)),
    endpoints.map((endpoint, i) => [
      balancerBox(endpoint, networks, balancerAt(i)),
      serviceBox(endpoint, balancerAt(i)),
    ]),
  );
}

/** The picture in words, for those who do not see it. */
function description(endpoints: EndpointStatus[]): string {
  const sentences = endpoints.map(({ domain, port, loadBalancer, networks, service }) => {
    const from = networks.map(({ name, address }) => `${name} at ${address}`).join(" and ");
    const only = service?.sourceRanges.length ? `, only by ${service.sourceRanges.join(", ")}` : "";
    const shared =
      loadBalancer?.sharedAs && `, on the shared load balancer ${loadBalancer.sharedAs}`;
    return `${authority(domain, port)} is reached from ${from || "no network"}${only}${shared ?? ""}.`;
  });
  return `${sentences.join(" ")} Nobody else has a route.`;
}

function networksOf(endpoints: EndpointStatus[]): Network[] {
  const found = new Map(
    endpoints.flatMap(({ networks }) => networks.map(({ name, range }) => [name, range] as const)),
  );
  return [...found].map(([name, range], index) => ({ name, range, index }));
}

/** No lower than what the Service beside it needs. */
const balancerHeight = ({ networks, report }: EndpointStatus) =>
  Math.max(
    PAD * 2 + LINE * 4,
    PAD * 2 + LINE * (1 + Math.max(1, networks.length)) + (report ? 42 : LINE),
  );

/** The middle of an endpoint's line for its network number `at`. */
const lineAt = (at: number) => PAD + LINE * (at + 1.6);

function stackUp(heights: number[], gap: number): { starts: number[]; end: number } {
  const starts: number[] = [];
  let y = 0;
  for (const height of heights) {
    starts.push(y);
    y += height + gap;
  }
  return { starts, end: Math.max(0, y - gap) };
}

function heading(x: number, text: string): Markup {
  return element("text", { x, y: 16, class: "heading" }, text);
}

function box(x: number, y: number, width: number, height: number, kind: string): Markup {
  return element("rect", { x, y, width, height, rx: 8, class: kind });
}

function way(index: number, from: number, to: number): Markup {
  const [left, right] = [NETWORKS.x + NETWORKS.width, BALANCERS.x];
  const middle = (left + right) / 2;
  return element("path", {
    d: `M${left} ${from} C${middle} ${from} ${middle} ${to} ${right} ${to}`,
    class: `way network-${index % COLOURS}`,
  });
}

function networkBox({ name, range, index }: Network, y: number): Markup {
  const { x, width } = NETWORKS;
  return element(
    "g",
    { class: `network-${index % COLOURS}` },
    box(x, y, width, NETWORK_HEIGHT, "network"),
    element("text", { x: x + PAD, y: y + 23, class: "name" }, clipped(name, 18)),
    element("text", { x: x + PAD, y: y + 42, class: "small" }, range),
  );
}

function outside(y: number): Markup {
  const { x, width } = NETWORKS;
  const right = x + width;
  const middle = y + NETWORK_HEIGHT / 2;
  return element(
    "g",
    { class: "outside" },
    box(x, y, width, NETWORK_HEIGHT, "nobody"),
    element("text", { x: x + PAD, y: y + 23, class: "name" }, "anyone else"),
    element("text", { x: x + PAD, y: y + 42, class: "small" }, "no public address, no route"),
    element("path", {
      d: `M${right} ${middle} h34 m-6 -6 l12 12 m0 -12 l-12 12`,
      class: "blocked",
    }),
  );
}

function balancerBox(endpoint: EndpointStatus, networks: Network[], y: number): Markup {
  const { x, width } = BALANCERS;
  const height = balancerHeight(endpoint);
  const { domain, port, loadBalancer, service, report } = endpoint;
  const { type = "", sharedAs } = loadBalancer ?? {};
  const ranges = service?.sourceRanges ?? [];
  const lines = endpoint.networks.map(({ name, address, range }, at) => {
    const index = networks.findIndex((each) => each.name === name) % COLOURS;
    const names = namesIn(endpoint, address);
    const middle = y + lineAt(at);
    return [
      element("circle", { cx: x + PAD + 4, cy: middle, r: 5, class: `dot network-${index}` }),
      element("text", { x: x + PAD + 16, y: middle + 4, class: "mono" }, address || range),
      element("text", { x: x + PAD + 128, y: middle + 4, class: "small" }, clipped(names, 38)),
    ];
  });
  const below = y + PAD * 2 + LINE * (1 + Math.max(1, endpoint.networks.length));
  return element(
    "g",
    {},
    box(x, y, width, height, "balancer"),
    element(
      "text",
      { x: x + PAD, y: y + 23, class: "name" },
      clipped(authority(domain, port), ranges.length > 0 || sharedAs ? 24 : 34),
    ),
    element(
      "text",
      { x: x + width - PAD, y: y + 23, class: "small end" },
      ranges.length > 0
        ? `only ${clipped(ranges.join(", "), 24)}`
        : sharedAs
          ? `${type}, shared: ${clipped(sharedAs, 14)}`
          : type,
    ),
    lines,
    report
      ? certificateBar(endpoint, { x: x + PAD, y: below - 4, width: width - 2 * PAD })
      : element("text", { x: x + PAD, y: below + 8, class: "small" }, "TLS ends in the pods"),
  );
}

function namesIn({ records }: EndpointStatus, address: string): string {
  const names = records.filter((record) => record.address === address).map(({ name }) => name);
  return names.join(", ");
}

function serviceBox(endpoint: EndpointStatus, y: number): Markup {
  const { x, width } = CLUSTER;
  const height = balancerHeight(endpoint);
  const { service, admitted } = endpoint;
  const middle = y + height / 2;
  const right = BALANCERS.x + BALANCERS.width;
  const text = (line: number, kind: string, words: string) =>
    element("text", { x: x + PAD, y: y + 23 + line * LINE, class: kind }, words);
  return element(
    "g",
    {},
    element("path", { d: `M${right} ${middle} H${x}`, class: "way inner" }),
    box(x, y, width, height, "service"),
    text(0, "name", clipped(service?.name ?? "no Service yet", 18)),
    service && [
      text(1, "small", `in ${clipped(service.namespace, 22)}`),
      text(2, "small", `ports ${service.ports.join(", ")}`),
      text(3, "small", `pods admit ${clipped(admitted?.join(", ") ?? "anyone", 18)}`),
    ],
  );
}

/** Room in a picture is short; the whole text is in the table. */
function clipped(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
