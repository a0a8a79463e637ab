import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { only, succeed } from "../../lifecycle/runs.ts";
import { type Stack, type Stage, startStage } from "../../lifecycle/stage.ts";
import { isMissing, openShell, type Shell } from "./shell.ts";

const missing = isMissing("curl");

let stage: Stage;
let stack: Stack;
let shell: Shell;
beforeAll(async () => {
  if (missing) return;
  stage = await startStage();
  shell = openShell(stage.world.env);
  stack = stage.stack();
  stack.declare("curl");
  await succeed(stack.runner.up());
});
afterAll(async () => {
  if (missing) return;
  shell.close();
  await stage.close();
});

/** curl in that network, with the rest of the command line. */
const curl = (network: string, rest: string) =>
  shell.run(
    `curl --silent --show-error --max-time 10 --proxy "$PRIVATE_LB_PROXY_${network}" ${rest}`,
  );

describe.skipIf(missing)("curl", () => {
  test("is served over HTTPS in the endpoint's network, and verifies it", async () => {
    const { serial } = await only(stack);
    const url = `https://${stack.domain("curl")}/`;
    const bundle = '--cacert "$NODE_EXTRA_CA_CERTS"';
    const show = `--output body --write-out '%{http_code} %{ssl_verify_result} %{certs}'`;
    const { code, out, err } = await curl("STAGING", `${bundle} ${show} ${url}`);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^200 0 /);
    const seen = /Serial Number:\s*([0-9a-f:]+)/i.exec(out)?.[1] ?? "";
    expect(seen.replaceAll(":", "").replace(/^0+/, "")).toBe(serial);
  });

  test("needs no option for the authorities once the sandbox's env is sourced", async () => {
    const { code, err } = await curl("STAGING", `https://${stack.domain("curl")}/`);
    expect([code, err]).toEqual([0, ""]);
  });

  test("refuses the certificate when it trusts another authority", async () => {
    writeFileSync(path.join(shell.home, "other.pem"), stage.world.acme.caPem);
    const { code } = await curl("STAGING", `--cacert other.pem https://${stack.domain("curl")}/`);
    // 60: the certificate cannot be verified.
    expect(code).toBe(60);
  });

  test.each(["PRODUCTION", "PREPRODUCTION", "MONITORING"])(
    "does not get there from the network of %s",
    async (network) => {
      const { code, err } = await curl(network, `https://${stack.domain("curl")}/`);
      // 56: the proxy refuses the CONNECT.
      expect([code, err]).toEqual([56, expect.stringMatching(/CONNECT|proxy/i)]);
    },
  );

  test("asks the APIs with the tokens of the env file", async () => {
    const { out } = await shell.run(
      'curl --silent -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" "$CLOUDFLARE_BASE_URL/zones?name=example.net"',
    );
    expect(JSON.parse(out)).toMatchObject({ success: true, result: [{ name: "example.net" }] });
    const lbs = '"$SCW_API_URL/lb/v1/zones/$SCW_DEFAULT_ZONE/lbs"';
    const listed = await shell.run(`curl --silent -H "X-Auth-Token: $SCW_SECRET_KEY" ${lbs}`);
    expect(JSON.parse(listed.out)).toMatchObject({ total_count: 1, lbs: [{ status: "ready" }] });
    const refused = await shell.run(`curl --silent --write-out ' %{http_code}' ${lbs}`);
    expect(refused.out).toMatch(/"type":"denied_authentication".* 401$/);
  });
});
