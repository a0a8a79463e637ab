import { describe, expect, it } from "vitest";
import { Batch } from "../../../dynamic/batch.ts";

/** Answers each request when it is told to. */
function held() {
  const requests: { questions: string[]; answer: (text: string) => void; fail: () => void }[] = [];
  const batch = new Batch((questions: string[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    requests.push({ questions, answer: resolve, fail: () => reject(new Error("refused")) });
    return promise;
  });
  const reached = async (count: number) => {
    while (requests.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    return requests[count - 1] as (typeof requests)[number];
  };
  return { batch, requests, reached };
}

describe("a batch", () => {
  it("asks at once for who asks alone", async () => {
    const { batch, reached } = held();
    const asked = batch.ask("a");
    const first = await reached(1);
    expect(first.questions).toEqual(["a"]);
    first.answer("1");
    expect(await asked).toBe("1");
  });

  it("makes one request for all who ask while one is under way, and none of them gets its answer", async () => {
    const { batch, requests, reached } = held();
    const early = batch.ask("a");
    const first = await reached(1);
    const late = Promise.all(["b", "c", "d"].map((question) => batch.ask(question)));
    first.answer("old");
    expect(await early).toBe("old");
    const second = await reached(2);
    expect(second.questions).toEqual(["b", "c", "d"]);
    second.answer("new");
    expect(await late).toEqual(["new", "new", "new"]);
    expect(requests).toHaveLength(2);
  });

  it("goes on after a failure, which all who share the request are told", async () => {
    const { batch, reached } = held();
    const shared = [batch.ask("a"), batch.ask("b")];
    (await reached(1)).fail();
    const results = await Promise.allSettled(shared);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const again = batch.ask("a");
    (await reached(2)).answer("there");
    expect(await again).toBe("there");
  });
});
