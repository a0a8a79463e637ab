/** Calls to the authority that no renewal makes, those of accounts and revocations, and at each whatever can become of it. */
import { createPublicKey } from "node:crypto";
import * as account from "../../../certificate/accountProvider.ts";
import { createKey } from "../../../certificate/keys.ts";
import { leakedCertificates } from "../../../certificate/leaked.ts";
import * as certificate from "../../../certificate/provider.ts";
import * as revocation from "../../../certificate/revocationProvider.ts";
import type { InterceptedRequest } from "../../clouds/interceptors.ts";
import * as it from "../expectations.ts";
import { type Ground, signerOf } from "../ground.ts";
import { type Effect, injectFaults } from "../layer.ts";
import { expectation, type Row, type Seen } from "../row.ts";
import { type Call, faultOf, LASTING, ONCE } from "../troubles.ts";

interface Ready {
  asks(request: InterceptedRequest): boolean;
  run(): Promise<unknown>;
  /** Whether the authority has done it, given its good answers in the body's words. */
  isDone(answers: string[]): boolean | Promise<boolean>;
}

interface Errand extends Call {
  /** As an error names it. */
  step: RegExp;
  prepare(ground: Ground): Promise<Ready>;
}

const METHOD = { method: "POST" };
const EMAIL = "team@example.com";

const ERRANDS: Errand[] = [
  {
    ...{ ...METHOD, name: "newAccount", path: /^\/sign-me-up/, step: /registering the account/ },
    async prepare(ground) {
      const accountKeyPem = await createKey("ec256");
      const { directory } = (await ground.customer()).inputs();
      const found = new Set<string>();
      return {
        asks: signedBy(accountKeyPem),
        run: async () =>
          found.add((await account.create({ directory, email: "", accountKeyPem })).id),
        isDone: () => found.size === 1,
      };
    },
  },
  {
    ...{ ...METHOD, name: "contact", path: /^\/my-account\//, step: /changing the contact/ },
    async prepare(ground) {
      const { asks, id, outs } = await registered(ground);
      return {
        asks,
        run: () => account.update(id, outs, { ...outs, email: EMAIL }),
        isDone: (answers) => answers.at(-1)?.includes(`mailto:${EMAIL}`) === true,
      };
    },
  },
  {
    ...{ ...METHOD, name: "deactivation", path: /^\/my-account\// },
    step: /deactivating the account/,
    async prepare(ground) {
      const { asks, id, outs } = await registered(ground);
      return {
        asks,
        run: () => account.remove(id, outs),
        isDone: async () => (await account.read(id, outs)).id === "",
      };
    },
  },
  {
    ...{ ...METHOD, name: "revokeCert", path: /^\/revoke-cert/, step: /revoking the certificate/ },
    async prepare(ground) {
      const { label, inputs } = await ground.customer();
      const held = (await certificate.create(inputs())).outs as certificate.CertificateOutputs;
      const { serial, privateKeyPem } = held;
      const trigger = "leaked";
      const leaked = leakedCertificates(held, trigger, new Date());
      return {
        asks: signedBy(privateKeyPem),
        run: () => revocation.create({ domain: `${label}.example.com`, trigger, ...leaked }),
        isDone: () => ground.world.acme.isRevoked(serial),
      };
    },
  },
];

async function registered(ground: Ground) {
  const { accountUrl: id, accountKeyPem, asks, inputs } = await ground.customer();
  const { directory } = inputs();
  return { asks, id, outs: { directory, email: "", accountKeyPem, accountUrl: id } };
}

/** Before there is an account, or without one, the key itself is named (RFC 8555, section 6.2). */
function signedBy(privateKeyPem: string): Ready["asks"] {
  const { x } = createPublicKey(privateKeyPem).export({ format: "jwk" });
  return ({ body }) => signerOf(body)?.jwk?.x === x;
}

const isDone = expectation("the authority has done it", ({ facts }) => facts["isDone"] === true);

function errandRow(
  errand: Errand,
  trouble: { name: string; effect: Effect; isWaiting?: boolean; isLasting?: boolean },
): Row {
  const { name, effect, isWaiting = false, isLasting = false } = trouble;
  const ends = isLasting ? [...it.says(errand.step), it.nextSucceeds] : [it.succeeds];
  return {
    about: "ACME, every call",
    title: `${errand.name}: ${name}`,
    needs: isWaiting ? "waiting" : "shared",
    run: (ground) => run(errand, ground, { effect, isLasting }),
    expected: [it.isHit, ...ends, isDone, it.saysOnce, it.within(60)],
  };
}

async function run(
  errand: Errand,
  ground: Ground,
  { effect, isLasting }: { effect: Effect; isLasting: boolean },
): Promise<Seen> {
  const { intercept } = ground.world;
  const ready = await errand.prepare(ground);
  const fault = { ...faultOf(errand, effect), where: ready.asks, ...(!isLasting && { times: 1 }) };
  const injected = injectFaults(intercept, [fault]);
  const answers: string[] = [];
  const stop = intercept((request) => {
    const { status = 0, body = "" } = request.answer ?? {};
    if (status < 300 && errand.path.test(request.path) && ready.asks(request)) answers.push(body);
    return undefined;
  }, "done");
  const started = performance.now();
  const said = await saidBy(ready.run);
  const seconds = (performance.now() - started) / 1000;
  injected.remove();
  const next = isLasting ? await saidBy(ready.run) : undefined;
  stop();
  return {
    ...{ injected: injected.hits(), said, seconds, ...(next && { next }) },
    errors: said === "done" ? [] : [said],
    ...{ orders: 0, certificates: 0, leftovers: [] },
    facts: { isDone: await ready.isDone(answers) },
  };
}

const saidBy = (work: () => Promise<unknown>): Promise<string> =>
  work().then(
    () => "done",
    (error: Error) => error.message,
  );

export const acmeErrands: Row[] = ERRANDS.flatMap((errand) => [
  ...ONCE.filter(({ at = () => true }) => at(errand)).map((each) => errandRow(errand, each)),
  ...LASTING.map((each) => errandRow(errand, { ...each, isLasting: true })),
]);
