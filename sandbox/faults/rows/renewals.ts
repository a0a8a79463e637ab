/** Renewals of whole stacks that load balancers, the CCM and the cluster do their worst to. */
import { quotaExceeded, stillInUse, transientState } from "../../clouds/scaleway/errors.ts";
import { rowOf } from "../act.ts";
import { FRONTEND_TIMEOUT, type OfEndpoint, renewing, type Trouble } from "../acts/renewing.ts";
import * as it from "../expectations.ts";
import { type Effect, refusal } from "../layer.ts";
import { type Expectation, expectation, type Row } from "../row.ts";

interface TroubleRow extends Trouble {
  about: string;
  title: string;
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

/** The load balancer cannot load the endpoint's new certificate. */
const unloadable: OfEndpoint = ({ domain, certificateId }) => [
  {
    ...{ api: "scaleway", path: /\/certificates(\/|$)/ },
    where: ({ method, path, answer }) =>
      /GET|POST/.test(method) &&
      !path.includes(certificateId) &&
      answer?.body.includes(`"name":"${domain}-`) === true,
    effect: {
      kind: "edit",
      edit: (certificate) => ({
        ...certificate,
        ...{ status: "error", status_details: "the chain cannot be parsed" },
      }),
    },
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
const completes = [it.nextSucceeds, renewed, never, it.orders(1)];
const isWarned = expectation("a warning says what the next run does", ({ facts }) =>
  (facts["warnings"] as string[]).some((text) =>
    /delete certificate .+in_use.+the next run tries again/s.test(text),
  ),
);
const WAITED = new RegExp(`after ${FRONTEND_TIMEOUT} s`);
const stays = expectation("the old one is served", ({ isOldKept }) => isOldKept === true);

const TROUBLES: TroubleRow[] = [
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
    expected: [...it.says(/quota/), stays, ...completes],
  },
  {
    ...{ about: "Load balancer", label: "lost", title: "the upload's answer is lost" },
    faults: upload({ kind: "reset", when: "after" }, 1),
    expected: completes,
  },
  {
    ...{ about: "Load balancer", label: "unloadable", title: "the certificate's status is error" },
    faults: unloadable,
    expected: [
      ...it.says(/could not load it \(the chain cannot be parsed\)/, /deleted there/, /--refresh/),
      ...[stays, ...completes],
    ],
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
    expected: [it.succeeds, isWarned, ...completes],
  },
  {
    ...{ about: "CCM", label: "slow", title: "takes two seconds for the frontend" },
    faults: attach({ kind: "delay", ms: 2000 }),
    expected: [it.succeeds, ...completes],
  },
  {
    ...{ about: "CCM", label: "down", title: "reaches no load balancer" },
    faults: attach({ kind: "reset", when: "before" }),
    expected: [...it.says(/waiting for the certificate/, WAITED), stays, ...completes],
  },
  {
    ...{ about: "CCM", label: "refused", title: "cannot apply the annotation" },
    faults: attach(vendor({ status: 404, body: { message: "certificate not Found" } })),
    expected: [...it.says(/waiting for the certificate/, WAITED), stays, ...completes],
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

const act = renewing(TROUBLES);

export const renewals: Row[] = TROUBLES.map(({ label, about, title, expected }) =>
  rowOf(act, { key: label, about, title, expected: [it.isHit, it.leavesNothing, ...expected] }),
);
