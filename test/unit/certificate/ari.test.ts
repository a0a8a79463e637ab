import { describe, expect, it } from "vitest";
import { AcmeEndpoint } from "../../../certificate/acme/endpoint.ts";
import { certificateIdentifier } from "../../../certificate/ari/identifier.ts";
import { refreshRenewalInfo } from "../../../certificate/ari/renewalInfo.ts";
import { contradiction, parseWindow } from "../../../certificate/ari/window.ts";
import { parseDuration, parseShare } from "../../../certificate/duration.ts";
import { EXAMPLE } from "./ariExample.ts";

describe("a certificate's identifier", () => {
  it("is that of the example in RFC 9773", () => {
    expect(certificateIdentifier(EXAMPLE)).toBe("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
  });
});

const window = { start: "2027-01-02T00:00:00.000Z", end: "2027-01-04T00:00:00.000Z" };

describe("renewal information", () => {
  it("is read with its explanation", () => {
    expect(parseWindow({ suggestedWindow: window, explanationURL: "https://ca.test/why" })).toEqual(
      {
        ...window,
        explanationUrl: "https://ca.test/why",
      },
    );
    expect(parseWindow({ suggestedWindow: window, explanationURL: "javascript:x" })).toEqual(
      window,
    );
  });

  it.each([
    ["text", "it holds no suggestedWindow of two dates"],
    [{}, "it holds no suggestedWindow of two dates"],
    [{ suggestedWindow: { start: "soon", end: window.end } }, "it holds no suggestedWindow"],
    [
      { suggestedWindow: { start: window.end, end: window.start } },
      `its window ends at ${window.start}, not after its start`,
    ],
    [{ suggestedWindow: { start: window.end, end: window.end } }, "not after its start"],
  ])("is refused when it is malformed: %j", (data, fault) => {
    expect(() => parseWindow(data)).toThrow(fault);
  });

  const validity = { notBefore: new Date("2027-01-01"), notAfter: new Date("2027-03-01") };
  const before = { start: "2026-12-01T00:00:00.000Z", end: "2026-12-02T00:00:00.000Z" };
  it.each([
    ["in the certificate's time", window, undefined, undefined],
    [
      "after the certificate's end",
      { start: "2027-03-01T00:00:00.000Z", end: "2027-03-02T00:00:00.000Z" },
      undefined,
      "its window begins at 2027-03-01T00:00:00.000Z, when the certificate has ended",
    ],
    ["before it: at once", before, undefined, undefined],
    ["before it, again", before, window, "its window ended at 2026-12-02T00:00:00.000Z, before"],
    ["for which it was issued", window, window, "its window is the one for which"],
  ])("a window %s", (_, span, renewedFor, fault) => {
    const found = contradiction(span, validity, renewedFor);
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(fault);
  });
});

describe("asking for renewal information", () => {
  const now = new Date("2027-01-01T12:00:00Z");
  const asked = {
    ...{ notBefore: new Date("2027-01-01"), notAfter: new Date("2027-04-01") },
    certificatePem: EXAMPLE,
  };
  /** The authority answers its directory, and then this. */
  function ask(answer: () => Response, more: object = {}, directory: object = {}) {
    const [urls, warnings]: [string[], string[]] = [[], []];
    const json = (value: unknown) =>
      new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } });
    const endpoint = new AcmeEndpoint("https://ca.test/dir", async (url) => {
      urls.push(String(url));
      if (String(url).endsWith("/dir"))
        return json({
          newOrder: "https://ca.test/o",
          renewalInfo: "https://ca.test/ari/",
          ...directory,
        });
      return answer();
    });
    const warn = (message: string) => void warnings.push(message);
    const info = refreshRenewalInfo(endpoint, { ...asked, ...more }, { now, warn });
    return { info, urls, warnings };
  }
  const answer =
    (body: unknown, headers: Record<string, string> = {}, status = 200) =>
    () =>
      new Response(JSON.stringify(body), {
        status,
        headers: { "content-type": "application/json", ...headers },
      });

  it("goes to the certificate's own address, and is not repeated before Retry-After", async () => {
    const first = ask(answer({ suggestedWindow: window }, { "retry-after": "7200" }));
    const known = await first.info;
    expect(known).toMatchObject({ window, nextFetch: "2027-01-01T14:00:00.000Z" });
    expect(first.urls.at(-1)).toBe("https://ca.test/ari/aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
    const second = ask(answer({}), { known });
    expect(await second.info).toBe(known);
    expect(second.urls).toEqual([]);
  });

  it.each([
    ["absent", {}, "18:00:00"],
    ["too short", { "retry-after": "1" }, "12:01:00"],
  ])("waits a sensible time when Retry-After is %s", async (_, headers, time) => {
    const { info } = ask(answer({ suggestedWindow: window }, headers));
    expect((await info)?.nextFetch).toBe(`2027-01-01T${time}.000Z`);
  });

  it("leaves the rule where the answer is malformed or contradicts, with a warning", async () => {
    const reversed = { start: window.end, end: window.start };
    const { info, warnings } = ask(answer({ suggestedWindow: reversed }));
    expect(await info).toEqual({ nextFetch: "2027-01-01T18:00:00.000Z" });
    expect(warnings.join()).toMatch(/ca\.test\/dir: its window ends .*; the usual rule holds$/);
  });

  it("keeps what it knows when the authority refuses, and respects when to come again", async () => {
    const known = {
      window: { ...window, at: window.start, seen: window.start },
      nextFetch: "2027-01-01T00:00:00.000Z",
    };
    const retryAfter = { "retry-after": "Sat, 02 Jan 2027 00:00:00 GMT" };
    const { info, warnings } = ask(answer({}, retryAfter, 503), { known });
    expect(await info).toEqual({ ...known, nextFetch: "2027-01-02T00:00:00.000Z" });
    expect(warnings).toHaveLength(1);
  });

  it("asks again the next day where the authority refuses for longer", async () => {
    const forever = { "retry-after": "Sat, 01 Jan 2028 00:00:00 GMT" };
    expect(await ask(answer({}, forever, 503)).info).toEqual({
      nextFetch: "2027-01-02T12:00:00.000Z",
    });
  });

  it("asks nothing of an authority without renewal information", async () => {
    const { info, urls, warnings } = ask(answer({}), {}, { renewalInfo: undefined });
    expect([await info, urls, warnings]).toEqual([undefined, ["https://ca.test/dir"], []]);
  });
});

describe("durations and shares", () => {
  it.each([
    ["90s", 90_000],
    ["12h", 43_200_000],
    ["21d", 1_814_400_000],
    ["0d", undefined],
    ["1w", undefined],
    ["-1d", undefined],
    ["", undefined],
  ])("%j lasts %s ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    ["1/3", 1 / 3],
    ["40%", 0.4],
    ["12.5%", 0.125],
    ["3/3", undefined],
    ["1/0", undefined],
    ["0%", undefined],
    ["21d", undefined],
  ])("%j is the share %s", (text, share) => {
    expect(parseShare(text)).toBe(share);
  });
});
