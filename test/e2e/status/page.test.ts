/** The status page in a real browser: Debian's chromium, where there is one. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { statusPage } from "../../../operate/status/page.ts";
import { statusOf } from "../../../operate/status/status.ts";
import { stateWith } from "../../unit/operate/endpointState.ts";

const execute = promisify(execFile);
const BROWSER = "chromium";
const isMissing = spawnSync(BROWSER, ["--version"]).status !== 0;
if (isMissing) console.log(`skipped: the status page in a browser, for want of ${BROWSER} on PATH`);

describe.skipIf(isMissing)("the status page in a browser", () => {
  let folder: string;
  let page: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "private-lb-page-"));
    page = path.join(folder, "status.html");
    const hostile = "<img src=x onerror=document.title='run'>.example.com";
    const state = stateWith("prod", {}, { domain: hostile, status: "renewal due" });
    const runner = { exportState: async () => state };
    writeFileSync(page, statusPage(await statusOf(["prod"], async () => runner, new Date())));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function browse(...options: string[]): Promise<string> {
    const own = [
      `--user-data-dir=${path.join(folder, "profile")}`,
      "--disable-gpu",
      "--no-sandbox",
    ];
    const args = ["--headless", ...own, ...options, `file://${page}`];
    const env = { ...process.env, HOME: folder };
    return (await execute(BROWSER, args, { env, timeout: 60_000 })).stdout;
  }

  async function firstPixel(...options: string[]): Promise<number[]> {
    const file = path.join(folder, "page.png");
    await browse(...options, "--window-size=800,600", "--hide-scrollbars", `--screenshot=${file}`);
    return pixel(readFileSync(file));
  }

  test("is parsed as it is written, and runs nothing", async () => {
    const dom = await browse("--dump-dom");
    expect(dom).toContain("<title>Private endpoints: prod</title>");
    expect(dom.match(/<svg[^>]*role="img"/g)).toHaveLength(1);
    expect(dom).toContain('scope="row">a.example.com</th>');
    expect(dom).not.toContain("<img");
  });

  test("is light, and dark where the reader wants it dark", async () => {
    expect(await firstPixel("--blink-settings=preferredColorScheme=1")).toEqual([255, 255, 255]);
    expect(await firstPixel("--blink-settings=preferredColorScheme=0")).toEqual([15, 19, 24]);
  });

  test("fits a sheet of paper", async () => {
    const file = path.join(folder, "page.pdf");
    await browse("--no-pdf-header-footer", `--print-to-pdf=${file}`);
    const pdf = readFileSync(file, "latin1");
    expect(pdf).toMatch(/^%PDF-/);
    expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(1);
  });
});

/** Red, green and blue of the first pixel of a PNG: the first of a line is never filtered (RFC 2083, section 6). */
function pixel(png: Buffer): number[] {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return [...inflateSync(Buffer.concat(parts)).subarray(1, 4)];
}
