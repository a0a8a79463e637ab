import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { StackRunner } from "../../../operate/stackRunner.ts";
import { addStatusCommand } from "../../../operate/status/command.ts";
import { statusPage } from "../../../operate/status/page.ts";
import { rowsOf, statusOf } from "../../../operate/status/status.ts";
import { statusTable } from "../../../operate/status/table.ts";
import { type EndpointParts, stateWith } from "./endpointState.ts";

const NOW = new Date("2026-12-11T00:00:00Z");
const STATES: Record<string, EndpointParts[]> = {
  prod: [
    {
      domain: "fresh.example.com",
      networks: { production: ["172.16.8.2", 22], monitoring: ["172.16.12.2", 22] },
    },
    { domain: "late.example.com", notAfter: "2026-12-21T00:00:00.000Z", status: "renewal failed" },
    { domain: "own.example.com", passthrough: true },
  ],
  staging: [
    { domain: "due.example.net", notAfter: "2027-01-20T00:00:00.000Z", status: "renewal due" },
  ],
  fresh: [],
};

const open = async (stack: string) => {
  const parts = STATES[stack];
  if (!parts) throw new Error(`There is no stack ${stack}.`);
  return { exportState: async () => stateWith(stack, ...parts) } as unknown as StackRunner;
};
const status = (...stacks: string[]) => statusOf(stacks, open, NOW);

describe("the status of several stacks", () => {
  test("has what the states say of each endpoint", async () => {
    const { stacks } = await status("prod");
    expect(stacks[0]).toMatchObject({ stack: "prod", environment: "prod" });
    expect(stacks[0]?.endpoints[0]).toMatchObject({
      domain: "fresh.example.com",
      loadBalancer: { name: "private-lb-prod-a", type: "LB-S" },
      networks: [
        { name: "production", address: "172.16.8.2", range: "172.16.8.0/22" },
        { name: "monitoring", address: "172.16.12.2", range: "172.16.12.0/22" },
      ],
      service: { namespace: "ops-tools", ports: [443, 81] },
      admitted: ["172.16.8.0/22"],
      report: { daysLeft: 50, status: "valid" },
      health: "good",
    });
  });

  test("sorts by days left over all stacks, those without a certificate last", async () => {
    const rows = rowsOf(await status("staging", "prod"));
    expect(rows.map(({ endpoint: { domain, health } }) => [domain, health])).toEqual([
      ["late.example.com", "urgent"],
      ["due.example.net", "attention"],
      ["fresh.example.com", "good"],
      ["own.example.com", "none"],
    ]);
  });

  test.each([
    ["2027-01-30T00:00:00.000Z", "good"],
    // Of 90 days 22 are less than a quarter, and a renewal at a third is overdue.
    ["2027-01-02T00:00:00.000Z", "good"],
    ["2026-12-21T00:00:00.000Z", "urgent"],
    ["2026-12-10T00:00:00.000Z", "urgent"],
  ])("a certificate from 2026-11-01 to %s is %s", async (notAfter, health) => {
    const one = { exportState: async () => stateWith("prod", { notAfter }) };
    const { stacks } = await statusOf(["prod"], async () => one, NOW);
    expect(stacks[0]?.endpoints[0]?.health).toBe(health);
  });

  test("knows the load balancer, the addresses and the port of endpoints that share one", async () => {
    const shared = (label: string, port: number, isFirst: boolean) => ({
      ...{ domain: `${label}.example.com`, shared: { name: "tools", port, isFirst } },
    });
    const parts = [shared("a", 443, false), shared("b", 8443, true)];
    const one = { exportState: async () => stateWith("prod", ...parts) };
    const seen = await statusOf(["prod"], async () => one, NOW);
    const common = {
      loadBalancer: { id: "fr-par-1/lb-tools", name: "private-lb-prod-tools", sharedAs: "tools" },
      networks: [{ name: "production", address: "172.16.8.2", range: "172.16.8.0/22" }],
    };
    expect(seen.stacks[0]?.endpoints).toMatchObject([
      { domain: "a.example.com", port: 443, ...common },
      { domain: "b.example.com", port: 8443, ...common },
    ]);
    expect(statusTable(seen)).toMatch(/^a\.example\.com .*\nb\.example\.com:8443 /m);
    const page = statusPage(seen);
    expect(page).toContain("LB-S, shared: tools");
    expect(page).toContain(
      "b.example.com:8443 is reached from production at 172.16.8.2, on the shared load balancer tools.",
    );
  });

  test("a stack that cannot be read hides none of the others", async () => {
    const { stacks } = await status("nowhere", "staging");
    expect(stacks).toMatchObject([
      { stack: "nowhere", error: "There is no stack nowhere.", endpoints: [] },
      { stack: "staging", endpoints: [{ domain: "due.example.net" }] },
    ]);
  });
});

describe("the table", () => {
  test("lines its columns up, and has no colours but on a terminal", async () => {
    const text = statusTable(await status("prod", "staging", "fresh", "nowhere"));
    expect(text.split("\n")).toEqual([
      "ENDPOINT           STACK    DAYS LEFT  EXPIRES     RENEWS      REACHED FROM            STATUS",
      "late.example.com   prod     10.0       2026-12-21  2026-12-31  production              renewal failed",
      "due.example.net    staging  40.0       2027-01-20  2026-12-31  production              renewal due",
      "fresh.example.com  prod     50.0       2027-01-30  2026-12-31  production, monitoring  valid",
      "own.example.com    prod     –          –           –           production              TLS ends in the pods",
      "nowhere: There is no stack nowhere.",
      "fresh: nothing is made yet",
    ]);
  });

  test("keeps within the height that it is given, and counts the rest", async () => {
    const lines = statusTable(await status("prod", "staging"), 5).split("\n");
    expect(lines).toHaveLength(4);
    expect(lines.at(-1)).toBe("… and 2 more");
    expect(lines[1]).toContain("late.example.com");
  });
});

describe("the page", () => {
  test("has a title, headings, a picture in words and the certificate's age for each environment", async () => {
    const page = statusPage(await status("prod", "staging"));
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toContain("<title>Private endpoints: prod, staging</title>");
    expect(page.match(/<h2/g)).toHaveLength(2);
    expect(page.match(/<svg/g)).toHaveLength(2);
    expect(page).toContain(
      "fresh.example.com is reached from production at 172.16.8.2 and monitoring at 172.16.12.2.",
    );
    expect(page).toContain("50.0 days left, renewed about 2026-12-31");
    expect(page).toContain("10.0 days left: renewal failed");
    expect(page).toContain("of which late.example.com, due.example.net need attention");
  });

  test("needs nothing but itself", async () => {
    const page = statusPage(await status("prod"));
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|\shref=|\ssrc=|javascript:/i);
    expect(page).toContain("default-src 'none'");
  });

  test("is text where a state has markup", async () => {
    const domain = '<script>alert("1")</script>.example.com';
    const one = { exportState: async () => stateWith("prod", { domain }) };
    const page = statusPage(await statusOf(["prod"], async () => one, NOW));
    expect(page).not.toContain("<script");
    expect(page).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;.example.com");
  });

  test("has a picture of who may connect: only these ranges", async () => {
    const one = { exportState: async () => stateWith("prod", { sourceRanges: ["10.8.0.0/24"] }) };
    const page = statusPage(await statusOf(["prod"], async () => one, NOW));
    expect(page).toContain("only 10.8.0.0/24");
    expect(page).toContain("172.16.8.2, only by 10.8.0.0/24.");
  });
});

describe("the command", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "private-lb-status-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What it prints. */
  async function printed(args: string[], signal = new AbortController().signal): Promise<string> {
    const program = new Command().exitOverride();
    addStatusCommand(program, open, () => signal);
    let text = "";
    const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
      text += chunk;
      return true;
    });
    try {
      await program.parseAsync(["status", ...args], { from: "user" });
    } finally {
      write.mockRestore();
    }
    return text;
  }

  test("prints one JSON object", async () => {
    const { at, stacks } = JSON.parse(await printed(["prod", "staging", "--json"]));
    expect(Date.parse(at)).toBeGreaterThan(0);
    expect(stacks.map(({ stack }: { stack: string }) => stack)).toEqual(["prod", "staging"]);
  });

  test("fails when a stack could not be read, and prints the others", async () => {
    const before = process.exitCode;
    expect(await printed(["nowhere", "staging"])).toMatch(
      /due\.example\.net[\s\S]*no stack nowhere/,
    );
    expect(process.exitCode).toBe(1);
    process.exitCode = before;
  });

  test("writes the page beside the table", async () => {
    const file = path.join(folder, "status.html");
    expect(await printed(["prod", "--html", file])).toContain("ENDPOINT");
    expect(readFileSync(file, "utf8")).toContain("<h1>Private endpoints</h1>");
  });

  test("watches until it is told to end, and then ends well", async () => {
    const controller = new AbortController();
    let looks = 0;
    const program = new Command().exitOverride();
    const counting = async (stack: string) => {
      if (++looks === 3) controller.abort(new Error("ended by SIGINT"));
      return await open(stack);
    };
    addStatusCommand(program, counting, () => controller.signal);
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    await program.parseAsync(["status", "prod", "--watch", "1s"], { from: "user" });
    expect(write).toHaveBeenCalledTimes(3);
    write.mockRestore();
    expect(looks).toBe(3);
  });

  test("takes no interval of nonsense", async () => {
    const program = new Command().exitOverride();
    addStatusCommand(program, open, () => new AbortController().signal);
    for (const each of program.commands)
      each.exitOverride().configureOutput({ writeErr: () => {} });
    const run = program.parseAsync(["status", "prod", "--watch", "soon"], { from: "user" });
    await expect(run).rejects.toThrow(/such as 30s/);
  });
});
