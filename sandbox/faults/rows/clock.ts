/** This machine's clock is two days off, told by the authority's `Date`: no mass renewal, and none that is missed. */
import * as certificate from "../../../certificate/provider.ts";
import * as it from "../expectations.ts";
import type { Ground } from "../ground.ts";
import { injectFaults } from "../layer.ts";
import { expectation, type Row, type Seen } from "../row.ts";
import { countSpent } from "../spent.ts";

const DAY = 24 * 3600 * 1000;
const [LIFETIME, RULE] = [90 * DAY, 30 * DAY];
/** Endpoints of one authority that a schedule looks at. */
const MANY = 5;

interface Clock {
  /** ms by which this machine's clock is ahead of the authority's. */
  ahead: number;
  /** ms until the certificates are due by this machine's clock. */
  dueIn: number;
}

/** A refresh and an up of some certificates, as the engine calls their provider. */
async function run({ ahead, dueIn }: Clock, ground: Ground): Promise<Seen> {
  const { world, held, warnings } = ground;
  const customer = await ground.customer();
  const theirs = new Date(Date.now() - ahead).toUTCString();
  const injected = injectFaults(world.acme.intercept, [
    {
      ...{ api: "acme", where: customer.asks },
      effect: { kind: "headers", edit: (headers) => ({ ...headers, date: theirs }) },
    },
  ]);
  const spent = countSpent(customer);
  const started = performance.now();
  const results = await Promise.all(
    Array.from({ length: MANY }, async (_, index) => {
      const news = customer.inputs({ names: [`${index}.${customer.label}.example.com`] });
      const notAfter = Date.now() + dueIn + RULE;
      const olds: certificate.CertificateOutputs = {
        ...{ ...held, ...news, status: "valid" },
        notBefore: new Date(notAfter - LIFETIME).toISOString(),
        notAfter: new Date(notAfter).toISOString(),
        // The rule is to hold, and not what the authority says of a certificate with other dates.
        renewalInfo: { nextFetch: new Date(Date.now() + 20 * DAY).toISOString() },
      };
      const plain = await certificate.diff("it", olds, news);
      const seen = (await certificate.read("it", olds)).props as certificate.CertificateOutputs;
      const { changes } = await certificate.diff("it", seen, news);
      const after = changes ? (await certificate.update("it", seen, news)).outs : seen;
      return { plain: plain.changes, status: seen.status, isNew: after.serial !== held.serial };
    }),
  );
  injected.remove();
  return {
    injected: injected.hits(),
    said: "done",
    errors: [],
    ...spent.stop(),
    needed: MANY,
    leftovers: [],
    seconds: (performance.now() - started) / 1000,
    facts: { results, warned: warnings.filter((text) => text.includes(`row=${customer.label}`)) },
  };
}

type Result = { plain: boolean; status: string; isNew: boolean };
const every = (what: string, holds: (result: Result) => boolean) =>
  expectation(what, ({ facts }) => (facts["results"] as Result[]).every(holds));

const isTold = expectation("the wrong clock is told once", ({ facts }) => {
  const [warning = "", ...others] = facts["warned"] as string[];
  return warning.includes("Set this machine's clock") && others.length === 0;
});

export const clock: Row[] = [
  {
    about: "Clock",
    title: "two days ahead of the authority's: what is not due by that is not renewed",
    run: (ground) => run({ ahead: 2 * DAY, dueIn: -DAY }, ground),
    expected: [
      ...[it.isHit, it.succeeds, isTold, it.orders(0), it.certificates(0)],
      every("a refresh sees them as valid", ({ status }) => status === "valid"),
      every("a plain up leaves them too", ({ plain }) => plain === false),
    ],
  },
  {
    about: "Clock",
    title: "two days behind the authority's: what is due by that is renewed",
    run: (ground) => run({ ahead: -2 * DAY, dueIn: DAY }, ground),
    expected: [
      ...[it.isHit, it.succeeds, isTold, it.orders(MANY), it.certificates(MANY)],
      every("a refresh sees them as due", ({ status }) => status.startsWith("renewal due")),
      every("each is renewed", ({ isNew }) => isNew),
    ],
  },
];
