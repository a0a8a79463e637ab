import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { discreet, hiding } from "../../../operate/discreet.ts";
import type { RunEvent, RunOptions, StackRunner } from "../../../operate/stackRunner.ts";

let folder: string;
let kubeconfig: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "discreet-"));
  kubeconfig = path.join(folder, "kubeconfig");
  writeFileSync(
    kubeconfig,
    'users:\n  - name: a\n    user:\n      token: kube-token-1\n  - user: {"password": "kube pass", "client-key-data": "a2V5LWRhdGE="}\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const env = () => ({
  SCW_SECRET_KEY: "scaleway-secret",
  CLOUDFLARE_API_TOKEN: "scaleway-secret-and-more",
  PULUMI_CONFIG_PASSPHRASE: 'pass "phrase"',
  KUBECONFIG: `${kubeconfig}${path.delimiter}${path.join(folder, "none")}`,
});

test.each([
  ["a token", "x scaleway-secret y", "x [SCW_SECRET_KEY] y"],
  ["one that begins as another", "scaleway-secret-and-more", "[CLOUDFLARE_API_TOKEN]"],
  ["one within JSON", JSON.stringify({ p: 'pass "phrase"' }), '{"p":"[PULUMI_CONFIG_PASSPHRASE]"}'],
  ["a kubeconfig's token", "Bearer kube-token-1", "Bearer [KUBECONFIG]"],
  ["a kubeconfig's key", "a2V5LWRhdGE=", "[KUBECONFIG]"],
  ["nothing else", "scaleway", "scaleway"],
])("%s is hidden", (_, text, expected) => {
  expect(hiding(env())(text)).toBe(expected);
});

test("a runner's events, results and exceptions have the names of credentials in their place", async () => {
  const message = "refused: Bearer scaleway-secret";
  const result = { ok: false, errors: [message], outputs: { count: 1 } };
  const runner = {
    async up(options?: RunOptions) {
      options?.onEvent?.({ kind: "diagnostic", severity: "error", message });
      return result;
    },
    async destroy() {
      throw new RangeError(message);
    },
  } as unknown as StackRunner;
  const events: RunEvent[] = [];
  const quiet = discreet(runner, env());
  const hidden = "refused: Bearer [SCW_SECRET_KEY]";
  expect(await quiet.up({ onEvent: (event) => events.push(event) })).toEqual({
    ...result,
    errors: [hidden],
  });
  expect(events).toEqual([{ kind: "diagnostic", severity: "error", message: hidden }]);
  await expect(quiet.destroy()).rejects.toThrow(new RangeError(hidden));
});
