/** What hands have deleted or changed: a refresh sees it, and the next up heals it in the right order. */
import { rowOf } from "../act.ts";
import { type Drift, handling } from "../acts/byHand.ts";
import * as hands from "../acts/hands.ts";
import { domainOf } from "../estate.ts";
import * as it from "../expectations.ts";
import { type Expectation, expectation, type Row } from "../row.ts";

interface HandRow extends Drift {
  title: string;
  expected?: Expectation[];
}

const RECORD = /DnsRecord/;
const SERVICE = /core\/v1:Service/;
const BARRIER = /FrontendCertificate/;
const ATTACHMENT = /privateNetwork/i;
const ADDRESS = /ipam/;
const ON_BALANCER = /loadbalancers\/certificate/;
/** Free in the network, as nothing else of the estate is given a fixed one. */
const OTHER = "172.16.0.77";

const HANDS: HandRow[] = [
  {
    title: "the A record is deleted",
    label: "transient",
    change: hands.deleteRecord,
    seenAs: RECORD,
    steps: [["create", RECORD]],
  },
  {
    title: "the A record leads elsewhere",
    label: "missing",
    change: hands.moveRecord,
    seenAs: RECORD,
    steps: [["update", RECORD]],
  },
  {
    title: "the Service is deleted",
    label: "broken",
    change: hands.deleteService,
    seenAs: SERVICE,
    steps: [
      ["create", SERVICE],
      ["update", BARRIER],
    ],
  },
  {
    title: "the Service names no certificate",
    label: "slow",
    change: hands.editService,
    seenAs: SERVICE,
    steps: [["update", SERVICE]],
  },
  {
    title: "the load balancer is detached from its network",
    label: "lost",
    change: hands.detach,
    seenAs: ATTACHMENT,
    steps: [["create", ATTACHMENT]],
  },
  {
    title: "the load balancer's certificate is deleted",
    label: "quota",
    change: hands.deleteCertificate,
    seenAs: ON_BALANCER,
    steps: [
      ["create", ON_BALANCER],
      ["update", SERVICE],
      ["update", BARRIER],
    ],
  },
];

const MOVED: HandRow = {
  title: "the private address is changed",
  label: "conflict",
  change: ({ configure }) =>
    configure((settings) => {
      for (const endpoint of settings["private-lb:endpoints"])
        if (endpoint.domain === domainOf("conflict")) endpoint["address"] = OTHER;
    }),
  steps: [
    ["replace", ADDRESS],
    ["update", RECORD],
  ],
  expected: [
    expectation("it has the other address", ({ facts }) => facts["address"] === OTHER),
    expectation("the new attachment is made before the record is changed", ({ facts }) => {
      const steps = facts["steps"] as string[];
      const [attached, changed] = [
        steps.findLastIndex((step) => /^create/.test(step) && ATTACHMENT.test(step)),
        steps.findIndex((step) => /^update/.test(step) && RECORD.test(step)),
      ];
      return attached >= 0 && changed >= 0 && attached < changed;
    }),
  ],
};

const isSeen = expectation("a refresh sees it", ({ facts }) => facts["isSeen"] === true);

const act = handling([...HANDS, MOVED]);

const handRow = (about: string, { label, title, expected = [] }: HandRow): Row =>
  rowOf(act, {
    ...{ key: label, about, title },
    expected: [
      ...[it.succeeds, it.nextSucceeds, it.orders(0)],
      expectation("the up heals it, in the right order", ({ facts }) => facts["isHealed"] === true),
      expectation("the same certificate is served", ({ facts }) => facts["isServed"] === true),
      expectation("its name leads to its address", ({ facts }) => facts["isResolved"] === true),
      ...expected,
    ],
  });

export const byHand: Row[] = [
  ...HANDS.map(({ expected = [], ...row }) =>
    handRow("Changed by hand", { ...row, expected: [isSeen, ...expected] }),
  ),
  handRow("Address", MOVED),
];
