/** Rows that need no stack: the provider of the certificate renews one, in this process. */
import * as certificate from "../../certificate/provider.ts";
import type { AcmeServer } from "../acme/server.ts";
import type { Behaviour } from "../dns/nameServer.ts";
import * as it from "./expectations.ts";
import type { Customer, Ground } from "./ground.ts";
import { type Fault, injectFaults } from "./layer.ts";
import type { Expectation, Row, Seen } from "./row.ts";
import { countSpent } from "./spent.ts";

export interface Issuance {
  about: string;
  title: string;
  needs?: Row["needs"];
  /** Those of the authority hit only what the row itself asks for. */
  faults?: (customer: Customer, ground: Ground) => Fault[];
  /** By server. */
  dns?: Record<string, Behaviour>;
  /** What else brings the trouble about; what it returns takes it back. */
  cause?: (customer: Customer, ground: Ground) => Promise<() => unknown> | (() => unknown);
  inputs?: (customer: Customer) => Partial<certificate.CertificateInputs>;
  acme?: (ground: Ground) => AcmeServer;
  /** How long the first run waits for the authority, ms. @default as the product does */
  authorityTimeout?: number;
  /** Another stack gets a certificate for the same names meanwhile. */
  beside?: boolean;
  /** Another run of the same certificate when the faults are gone. */
  isRunAgain?: boolean;
  /** Besides that something was injected and nothing is left. */
  expected: Expectation[];
}

export function issuance({ about, title, needs = "shared", ...row }: Issuance): Row {
  const always = row.faults || row.dns ? [it.isHit, it.leavesNothing] : [it.leavesNothing];
  const expected = [...always, ...row.expected];
  return { about, title, needs, expected, run: (ground) => run(row, ground) };
}

async function run(row: Omit<Issuance, "about" | "title">, ground: Ground): Promise<Seen> {
  const { world, held } = ground;
  const customer = await ground.customer(row.acme?.(ground));
  const news = customer.inputs(row.inputs?.(customer));
  const own = (row.faults?.(customer, ground) ?? []).map((fault): Fault => {
    const { api, where } = fault;
    if (api !== "acme") return fault;
    return { ...fault, where: (request) => customer.asks(request) && where?.(request) !== false };
  });
  const intercept = customer.acme === world.acme ? world.intercept : customer.acme.intercept;
  const counts = { asked: 0 };
  const undo = await row.cause?.(customer, ground);
  const injected = injectFaults(intercept, own);
  for (const [server, behaviour] of Object.entries(row.dns ?? {}))
    world.dns.behave(server, counted(behaviour, counts));
  const spent = countSpent(customer);
  const records = countRecords(customer, ground);
  const old = { ...held, status: "renewal due" };
  const started = performance.now();
  const other = row.beside ? beside(ground, news) : undefined;
  const { authorityTimeout } = row;
  const first = await renewal(old, news, { ...(authorityTimeout && { authorityTimeout }) });
  const seconds = (performance.now() - started) / 1000;
  injected.remove();
  for (const server of Object.keys(row.dns ?? {})) world.dns.behave(server, {});
  const told = { other: await other, ...notesOf(customer) };
  await undo?.();
  const saved = first.saved ?? old;
  const next = row.isRunAgain ? await renewal(saved, news) : undefined;
  return {
    injected: injected.hits() + counts.asked,
    said: first.said,
    ...(next && { next: next.said }),
    errors: first.said === "done" ? [] : [first.said],
    ...spent.stop(),
    leftovers: world.cloudflare
      .inventory()
      .filter(({ type, name }) => type === "TXT" && name.includes(customer.label))
      .map(({ name }) => name),
    ...(first.said !== "done" && { isOldKept: saved.serial === held.serial }),
    seconds,
    facts: { saved, outs: first.outs, customer, records: records(), ...told },
  };
}

async function beside(ground: Ground, { names }: certificate.CertificateInputs): Promise<string> {
  const { inputs } = await ground.customer();
  const { said } = await renewal({ ...ground.held, status: "renewal due" }, inputs({ names }));
  return said;
}

const notesOf = ({ notes }: Customer) =>
  Object.fromEntries(Object.entries(notes).map(([name, note]) => [name, note()]));

interface Renewed {
  said: string;
  outs?: certificate.CertificateOutputs;
  /** What Pulumi keeps in the state. */
  saved?: certificate.CertificateOutputs;
}

async function renewal(
  olds: certificate.CertificateOutputs,
  news: certificate.CertificateInputs,
  patience: { authorityTimeout?: number } = {},
): Promise<Renewed> {
  try {
    const { outs } = await certificate.update("it", olds, news, patience);
    return { said: "done", outs, saved: outs };
  } catch (error) {
    const { message, properties } = error as Error & {
      properties?: certificate.CertificateOutputs;
    };
    return { said: message, ...(properties && { saved: properties }) };
  }
}

/** The TXT records that are asked for below this customer's names, from now on. */
function countRecords({ label }: Customer, { world }: Ground): () => number {
  let count = 0;
  const stop = world.cloudflare.intercept(({ method, body }) => {
    if (method === "POST" && JSON.stringify(body).includes(label)) count++;
    return undefined;
  });
  return () => {
    stop();
    return count;
  };
}

/** Counts a server's wrong answers; one that is silent or stale is asked all the same, which nobody sees. */
function counted(behaviour: Behaviour, counts: { asked: number }): Behaviour {
  const { lie } = behaviour;
  if (!lie) {
    counts.asked++;
    return behaviour;
  }
  return {
    ...behaviour,
    lie: (question) => {
      const answer = lie(question);
      if (answer) counts.asked++;
      return answer;
    },
  };
}
