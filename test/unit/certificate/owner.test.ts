import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatMark,
  isLeftover,
  MAX_COMMENT,
  newMark,
  parseMark,
} from "../../../certificate/challenge/owner.ts";

describe("the comment of a TXT record", () => {
  it("names the stack and the run", () => {
    expect(formatMark(newMark("private-lb/prod"))).toMatch(
      /^private-lb owner=private-lb\/prod run=[0-9a-f]{8}\.\d+$/,
    );
  });

  it("fits Cloudflare's limit and is read back, whatever the stack is called", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (owner) => {
        const mark = newMark(owner);
        const comment = formatMark(mark);
        expect(comment.length).toBeLessThanOrEqual(MAX_COMMENT);
        expect(parseMark(comment)).toEqual(mark);
      }),
    );
  });

  it("tells long stack names apart that begin alike", () => {
    const long = "x".repeat(80);
    expect(newMark(`${long}1`).owner).not.toBe(newMark(`${long}2`).owner);
  });

  it("is another one for each record", () => {
    expect(formatMark(newMark("a/b"))).not.toBe(formatMark(newMark("a/b")));
  });
});

describe("a record is a leftover", () => {
  const mark = newMark("private-lb/prod");
  it.each([
    ["of another run of the stack", "private-lb owner=private-lb/prod run=00000000.1", true],
    ["never of this run", formatMark(newMark("private-lb/prod")), false],
    ["never of another stack", "private-lb owner=private-lb/staging run=00000000.1", false],
    ["never with another comment", "made by hand", false],
    ["never without one", undefined, false],
  ])("%s", (_, comment, expected) => {
    expect(isLeftover(comment, mark)).toBe(expected);
  });
});
