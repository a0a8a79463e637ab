/** The other thread of `aside.ts`. */
import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { Packet } from "dns2";
import type { Answered, Asked } from "./aside.ts";
import { type Answer, answerAuthoritatively, failure, type Question, resolve } from "./lookup.ts";
import { serveDns } from "./wire.ts";
import { canonical, type Zone, zoneOf } from "./zone.ts";

const { TXT } = Packet.TYPE;
const { states, questions } = workerData as Record<"states" | "questions", MessagePort>;

let zones: readonly Zone[] | undefined;

/** All that was told before this moment: a record that the API has confirmed is here, however late this thread has its turn. */
function current(): readonly Zone[] | undefined {
  let told: { message: string | undefined } | undefined;
  for (let next = receiveMessageOnPort(states); next; next = receiveMessageOnPort(states))
    told = next;
  if (told) zones = told.message === undefined ? undefined : (JSON.parse(told.message) as Zone[]);
  return zones;
}

function known(question: Question): Answer | undefined {
  const all = question.type === TXT ? current() : undefined;
  if (!all) return undefined;
  const answer = resolve(question, (asked) => {
    const zone = zoneOf(all, canonical(asked.name));
    return zone ? answerAuthoritatively([zone], asked, 1) : failure(Packet.RCODE.REFUSED);
  });
  return answer.answers.some(({ type }) => type === TXT) ? answer : undefined;
}

const waiting = new Map<number, (answer: Answer | undefined) => void>();
let asked = 0;

questions.on("message", ({ id, answer }: Answered) => {
  waiting.get(id)?.(answer && { ...answer, answers: answer.answers.map(withBuffers) });
  waiting.delete(id);
});

/** On the way from thread to thread the strings of a TXT record become plain arrays of bytes. */
function withBuffers(resource: Answer["answers"][number]): Answer["answers"][number] {
  const { data } = resource as { data?: unknown };
  if (!Array.isArray(data)) return resource;
  const strings = data.map((each) => (each instanceof Uint8Array ? Buffer.from(each) : each));
  return { ...resource, data: strings as never };
}

function ask(question: Question): Promise<Answer | undefined> {
  const { promise, resolve: answered } = Promise.withResolvers<Answer | undefined>();
  const id = ++asked;
  waiting.set(id, answered);
  const { name, type } = question;
  questions.postMessage({ id, question: { name, type } } satisfies Asked);
  return promise;
}

const { address } = await serveDns((question) => known(question) ?? ask(question), true);
questions.postMessage(address);
