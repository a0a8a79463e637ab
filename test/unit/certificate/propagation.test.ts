import { describe, expect, it } from "vitest";
import type { AuthoritativeServer } from "../../../certificate/challenge/authority.ts";
import { propagated } from "../../../certificate/challenge/propagation.ts";

const servers = ["ns1", "ns2", "ns3"].map((name) => ({ name, address: `${name}:53` }));

/** Each server gives its answers in turn, then the last one for good. */
function answering(answers: Record<string, (string[] | Error)[]>) {
  const asked: string[] = [];
  const txtAt = async ({ name }: AuthoritativeServer) => {
    asked.push(name);
    const mine = answers[name] ?? [["value"]];
    const answer = mine.length > 1 ? mine.shift() : mine[0];
    if (answer instanceof Error) throw answer;
    return answer ?? [];
  };
  return { asked, txtAt };
}

const options = {
  ...{ name: "_acme-challenge.a.example.com", value: "value", zone: "example.com" },
  servers,
};

describe("a value has propagated", () => {
  it("when every server has it, each asked until then and no longer", async () => {
    const { asked, txtAt } = answering({ ns2: [[], ["other"], ["other", "value"]] });
    await propagated({ ...options, txtAt, timeout: 10_000 });
    expect(asked.filter((name) => name === "ns1")).toHaveLength(1);
    expect(asked.filter((name) => name === "ns2")).toHaveLength(3);
  });

  it("also when a server failed at first", async () => {
    const { txtAt } = answering({ ns1: [new Error("ns1 (ns1:53) no answer"), ["value"]] });
    await propagated({ ...options, txtAt, timeout: 10_000 });
  });
});

describe("a value has not propagated", () => {
  it("when the bound is over, and each server that lacks it is named with its answer", async () => {
    const { txtAt } = answering({
      ns1: [["other"]],
      ns3: [new Error("ns3 (ns3:53) no answer to TXT")],
    });
    await expect(propagated({ ...options, txtAt, timeout: 60 })).rejects.toThrow(
      "after 0.06 s the value of _acme-challenge.a.example.com TXT is not at every authoritative server (1 of 3 have it): ns1 (ns1:53) has another value; ns3 (ns3:53) no answer to TXT",
    );
  });

  it("when no server has a record", async () => {
    const none = { ns1: [[]], ns2: [[]], ns3: [[]] };
    await expect(propagated({ ...options, ...answering(none), timeout: 10 })).rejects.toThrow(
      "ns1 (ns1:53) has no TXT record there; ns2 (ns2:53) has no TXT record there; ns3",
    );
  });

  it("and the waiting ends at once when it is aborted", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const why = new Error("another name failed");
    const txtAt = async () => {
      controller.abort(why);
      return [];
    };
    await expect(propagated({ ...options, txtAt, timeout: 60_000, signal })).rejects.toBe(why);
  });
});
