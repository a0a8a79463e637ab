/**
 * The resolver in a thread of its own, for who does not wait: Pebble gives each look-up two seconds, and this thread can be
 * busy for longer where the machine is, with the engine, the clouds and the tests in it. Of TXT records the other thread
 * knows what this one does; about all else, and while a server misbehaves, it asks this one.
 */
import { once } from "node:events";
import { MessageChannel, Worker } from "node:worker_threads";
import type { Answer, Question } from "./lookup.ts";
import type { Responder } from "./nameServer.ts";
import { canonical, type Zone } from "./zone.ts";

export interface Aside {
  /** 127.0.0.1:PORT, UDP and TCP. */
  address: string;
  /** Tells the other thread what there is now; undefined: it is to ask. */
  update(zones: readonly Zone[] | undefined): void;
  close(): Promise<void>;
}

/** A question to this thread. */
export interface Asked {
  id: number;
  question: Question;
}

export interface Answered {
  id: number;
  answer: Answer | undefined;
}

export async function startAside(respond: Responder): Promise<Aside> {
  const states = new MessageChannel();
  const questions = new MessageChannel();
  const ports = { states: states.port2, questions: questions.port2 };
  const worker = new Worker(new URL("asideThread.ts", import.meta.url), {
    // Without the process's own flags, which may be about its own program.
    execArgv: [],
    workerData: ports,
    transferList: [ports.states, ports.questions],
  });
  const [address] = (await Promise.race([
    once(questions.port1, "message"),
    once(worker, "error").then(([error]) => Promise.reject(error)),
  ])) as [string];
  questions.port1.on("message", ({ id, question }: Asked) => {
    const answered: Answered = { id, answer: respond(question) };
    questions.port1.postMessage(answered);
  });
  for (const each of [worker, states.port1, questions.port1]) each.unref();
  let last: string | undefined;
  return {
    address,
    update(zones) {
      const text = zones && JSON.stringify(zones.map(ofText));
      if (text !== last) states.port1.postMessage(text);
      last = text;
    },
    close: async () => {
      await worker.terminate();
      for (const { port1 } of [states, questions]) port1.close();
    },
  };
}

/** What answers about text are made of, but wildcards: what they stand for depends on all other records. */
function ofText({ name, nameServers, records }: Zone): Zone {
  const isOfText = (record: Zone["records"][number]) =>
    ["TXT", "CNAME", "NS"].includes(record.type) && !canonical(record.name).startsWith("*.");
  return { name, nameServers, records: records.filter(isOfText) };
}
