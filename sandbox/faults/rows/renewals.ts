/** Renewals of whole stacks that load balancers, the CCM and the cluster do their worst to. */
import { quotaExceeded, stillInUse, transientState } from "../../clouds/scaleway/errors.ts";
import type { DeployedEndpoint } from "../../world/deployed.ts";
import { domainOf, type Estate, openEstate } from "../estate.ts";
import type { Ground } from "../ground.ts";
import { truncated, twoAtOnce } from "../lastResorts.ts";
import { type Effect, type Fault, type Injected, injectFaults, refusal } from "../layer.ts";
import {
  type Expectation,
  expectation,
  isHit,
  nextSucceeds,
  orders,
  type Row,
  type Seen,
  says,
  succeeds,
} from "../row.ts";

type OfEndpoint = (endpoint: DeployedEndpoint) => Fault[];

interface Trouble {
  label: string;
  about: string;
  title: string;
  /** In the renewal that makes new certificates. */
  faults?: OfEndpoint;
  /** In the one after it. */
  later?: OfEndpoint;
  expected: Expectation[];
}

const vendor = ({ status, body }: { status: number; body: Record<string, unknown> }): Effect => ({
  kind: "answer",
  ...refusal(status, body),
});

/** To make the certificate on the endpoint's load balancer. */
const upload =
  (effect: Effect, times?: number): OfEndpoint =>
  ({ loadBalancerId }) => [
    {
      ...{ api: "scaleway", method: "POST", effect },
      path: new RegExp(`/lbs/${loadBalancerId}/certificates$`),
      ...(times !== undefined && { times }),
    },
  ];

/** The barrier's and the plugin's look at the endpoint's frontends. */
const look =
  (effect: Effect, times: number): OfEndpoint =>
  ({ loadBalancerId }) => [
    {
      ...{ api: "scaleway", method: "GET", effect, times },
      path: new RegExp(`/lbs/${loadBalancerId}/frontends`),
      where: ({ headers }) => !/ccm/.test(String(headers["user-agent"])),
    },
  ];

/** What the CCM does to the endpoint's frontend. */
const attach =
  (effect: Effect, times?: number): OfEndpoint =>
  ({ serviceUid }) => [
    {
      ...{ api: "scaleway", method: "PUT", path: /\/frontends\//, effect },
      where: ({ body }) => JSON.stringify(body ?? "").includes(`${serviceUid}_tcp_443`),
      ...(times !== undefined && { times }),
    },
  ];

const annotate =
  (effect: Effect): OfEndpoint =>
  ({ domain }) => [
    {
      ...{ api: "kubernetes", method: "PATCH", effect, times: 1 },
      path: new RegExp(`/services/${domain.split(".")[0]}-`),
      where: ({ path }) => !path.includes("dryRun"),
    },
  ];

const renewed = expectation(
  "the new certificate is served",
  ({ facts }) => facts["isNew"] === true,
);
const never = expectation(
  "one of both is served all the while",
  ({ facts }) => facts["isServed"] === true,
);
const completes = [nextSucceeds, renewed, never, orders(1)];
const isWarned = expectation("a warning says what the next run does", ({ facts }) =>
  (facts["warnings"] as string[]).some((text) =>
    /delete certificate .+in_use.+the next run tries again/s.test(text),
  ),
);
const stays = expectation("the old one is served", ({ isOldKept }) => isOldKept === true);

const TROUBLES: Trouble[] = [
  {
    ...{ about: "Load balancer", label: "transient", title: "not ready: 409 to the first upload" },
    faults: upload(vendor(transientState("lb", "an-id", "pending")), 1),
    expected: completes,
  },
  {
    ...{ about: "Load balancer", label: "missing", title: "404 to a look in the middle" },
    faults: look(vendor({ status: 404, body: { message: "lbs not Found" } }), 1),
    expected: completes,
  },
  {
    ...{ about: "Load balancer", label: "broken", title: "500 to looks in the middle" },
    faults: look(vendor({ status: 500, body: { message: "internal error" } }), 2),
    expected: completes,
  },
  {
    ...{ about: "Load balancer", label: "quota", title: "the quota of certificates is reached" },
    faults: upload(vendor(quotaExceeded("LbCertificates", 200, 200))),
    expected: [...says(/quota/), stays, ...completes],
  },
  {
    ...{ about: "Load balancer", label: "lost", title: "the upload's answer is lost" },
    faults: upload({ kind: "reset", when: "after" }, 1),
    expected: completes,
  },
  {
    ...{
      about: "Deletion in use",
      label: "inuse",
      title: "refused: a warning, and the next run deletes",
    },
    later: ({ certificateId }) => [
      {
        ...{ api: "scaleway", method: "DELETE", path: new RegExp(certificateId) },
        effect: vendor(stillInUse("certificate is used on a frontend")),
      },
    ],
    expected: [succeeds, isWarned, ...completes],
  },
  {
    ...{ about: "CCM", label: "slow", title: "takes two seconds for the frontend" },
    faults: attach({ kind: "delay", ms: 2000 }),
    expected: [succeeds, ...completes],
  },
  {
    ...{ about: "CCM", label: "refused", title: "cannot apply the annotation" },
    faults: attach(vendor({ status: 404, body: { message: "certificate not Found" } })),
    expected: [...says(/waiting for the certificate/, /after 5 s/), stays, ...completes],
  },
  {
    ...{ about: "Cluster", label: "conflict", title: "503 to the annotation" },
    faults: annotate({ kind: "answer", ...refusal(503, { kind: "Status", code: 503 }) }),
    expected: completes,
  },
  {
    ...{ about: "Cluster", label: "unheard", title: "the annotation's answer is lost" },
    faults: annotate({ kind: "reset", when: "after" }),
    expected: completes,
  },
];

const labels = TROUBLES.map(({ label }) => label);

/** The runs of all rows, made once. */
const made = new WeakMap<Ground, Promise<Map<string, Seen>>>();

function runsOf(ground: Ground): Promise<Map<string, Seen>> {
  const known = made.get(ground) ?? run(ground);
  made.set(ground, known);
  return known;
}

async function run(ground: Ground): Promise<Map<string, Seen>> {
  const estate = await openEstate(ground, labels);
  try {
    return await runs(estate, ground);
  } finally {
    await estate.close();
  }
}

async function runs(estate: Estate, { world }: Ground): Promise<Map<string, Seen>> {
  const before = new Map<string, DeployedEndpoint>();
  for (const label of labels) before.set(label, await estate.endpoint(label));
  const ordered = new Map(labels.map((label) => [label, estate.orders(label)]));
  await estate.makeDue(labels);
  const inject = (which: "faults" | "later") =>
    new Map<string, Injected>(
      TROUBLES.map((trouble) => {
        const faults = trouble[which]?.(before.get(trouble.label) as DeployedEndpoint) ?? [];
        return [trouble.label, injectFaults(world.intercept, faults)];
      }),
    );
  const ends = async (injected: Map<string, Injected>) => {
    const started = performance.now();
    const renewal = await estate.renew();
    const seconds = (performance.now() - started) / 1000;
    for (const each of injected.values()) each.remove();
    const serials = new Map<string, string>();
    for (const label of labels) serials.set(label, await estate.served(label));
    return { renewal, seconds, serials, injected };
  };
  const first = await ends(inject("faults"));
  const second = await ends(inject("later"));
  const third = await ends(new Map());
  const seen = new Map<string, Seen>([
    ["two", await twoAtOnce(estate)],
    ["truncated", await truncated(estate)],
  ]);
  for (const label of labels) {
    const old = before.get(label)?.serial;
    const own = (errors: string[]) =>
      errors.filter((text) => text.includes(domainOf(label)) || text.includes(`${label}-`));
    const said = own(first.renewal.errors);
    const later = [...second.renewal.errors, ...third.renewal.errors];
    const now = await estate.endpoint(label);
    const [one, two, three] = [first, second, third].map(({ serials }) => serials.get(label) ?? "");
    const isKnown = (serial = "") => serial === old || serial === now.serial;
    const stored = await estate.certificates(label);
    seen.set(label, {
      injected:
        (first.injected.get(label)?.hits() ?? 0) + (second.injected.get(label)?.hits() ?? 0),
      said: said[0] ?? "done",
      next: later.length === 0 ? "done" : (later[0] ?? ""),
      errors: said,
      orders: estate.orders(label) - (ordered.get(label) ?? 0),
      certificates: 1,
      leftovers: stored.slice(1),
      ...(one !== now.serial && { isOldKept: one === old }),
      seconds: first.seconds,
      facts: {
        isNew: three === now.serial && three !== old,
        isServed: [one, two, three].every(isKnown),
        warnings: second.renewal.warnings,
      },
    });
  }
  return seen;
}

const ofStack = (key: string, about: string, title: string, expected: Expectation[]): Row => ({
  ...{ about, title, needs: "waiting" },
  run: async (ground) => (await runsOf(ground)).get(key) as Seen,
  expected: [...expected, nextSucceeds],
});

const stackRows: Row[] = [
  ofStack("two", "Lock", "two up of one stack at once: the second is refused", [
    ...says(/the stack is locked by .+: up .*, process \d+.+wait for it, or stop it/),
    expectation("the other one succeeds", ({ facts }) => facts["failed"] === 1),
  ]),
  ofStack("truncated", "State", "truncated: a clear error, and nothing is touched", [
    ...says(/staging\.json is no state: /),
    expectation("the file is as it was", ({ facts }) => facts["isUntouched"] === true),
    expectation("nothing is written to the clouds", ({ facts }) => facts["writes"] === 0),
  ]),
];

const troubleRows: Row[] = TROUBLES.map(({ label, about, title, expected }) => ({
  ...{ about, title, needs: "waiting" },
  run: async (ground) => (await runsOf(ground)).get(label) as Seen,
  expected: [
    isHit,
    expectation("nothing is left", ({ leftovers }) => leftovers.length === 0),
    ...expected,
  ],
}));

export const renewals: Row[] = [...troubleRows, ...stackRows];
