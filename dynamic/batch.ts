import { pause } from "./poll.ts";

/** Between the beginnings of two requests at least, ms: what many ask in the meantime makes one. */
const PAUSE = 250;

/**
 * Answers many who ask for the same kind of thing by few requests. Whoever asks while one is under way, or soon after it
 * began, waits for the next one. So no answer is older than its question, and who asks alone does not wait.
 */
export class Batch<Question, Answer> {
  readonly #load: (questions: Question[]) => Promise<Answer>;
  #next: { questions: Question[]; answer: Promise<Answer> } | undefined;
  #free: Promise<unknown> = Promise.resolve();

  /** @param load makes one request for all the questions */
  constructor(load: (questions: Question[]) => Promise<Answer>) {
    this.#load = load;
  }

  /** What `load` gives for this question and others. @throws what it throws */
  ask(question: Question): Promise<Answer> {
    this.#next ??= this.#begin();
    this.#next.questions.push(question);
    return this.#next.answer;
  }

  #begin() {
    const questions: Question[] = [];
    const answer = this.#free.then(() => {
      this.#next = undefined;
      const loaded = this.#load(questions);
      this.#free = Promise.allSettled([loaded, pause(PAUSE)]);
      return loaded;
    });
    return { questions, answer };
  }
}

/** Gives the batch of a key, with `load` where it is a new one. */
export function batches<Question, Answer>(): (
  key: string,
  load: (questions: Question[]) => Promise<Answer>,
) => Batch<Question, Answer> {
  const known = new Map<string, Batch<Question, Answer>>();
  return (key, load) => {
    const batch = known.get(key) ?? new Batch(load);
    known.set(key, batch);
    return batch;
  };
}
