import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findSecrets, findSecretsBelow } from "../../../sandbox/secrets/findSecrets.ts";

const token = 'mark "ed" tökén/+?&';
const pkcs8 = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();
const keys = {
  "P-256": generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
  RSA: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
};
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("a token is found", () => {
  test.each([
    ["as it is", `Authorization: Bearer ${token}`, "plain"],
    ["in JSON", JSON.stringify({ token }), "JSON"],
    ["in JSON within JSON", JSON.stringify(JSON.stringify({ token })), "JSON"],
    ["in a URL", `https://example.net/?t=${encodeURIComponent(token)}&u=1`, "URL"],
    ["in a form", new URLSearchParams({ token }).toString(), "URL"],
    ["in base64", base64(token), "base64"],
    ["in base64 after a user's name", `Basic ${base64(`user:${token}`)}`, "base64"],
    ["in base64 in the middle of a text", base64(`a token: ${token}, and more`), "base64"],
    ["in base64 of lines", base64(token).replaceAll(/(.{5})/g, "$1\n"), "base64"],
    ["in base64 for URLs", Buffer.from(`é${token}é`).toString("base64url"), "base64"],
    ["in hexadecimal", Buffer.from(token).toString("hex").toUpperCase(), "hex"],
  ])("%s", (_, text, form) => {
    expect(findSecrets(text, { token })).toContainEqual({ secret: "token", form });
  });
});

describe.each(Object.entries(keys))("a private key (%s) is found", (_, key) => {
  const pem = pkcs8(key);
  const lines = pem.split("\n").slice(1, -2);
  const { d = "" } = key.export({ format: "jwk" });
  const other = key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1";
  test.each([
    ["as PEM", pem],
    ["as the body of PEM alone", lines.join("\n")],
    ["in one line", lines.join("")],
    ["in JSON", JSON.stringify({ pem })],
    ["in JSON within JSON", JSON.stringify(JSON.stringify({ pem }))],
    ["in a URL", encodeURIComponent(pem)],
    ["in base64 of the PEM", base64(`certificate\n${pem}`)],
    ["as DER in hexadecimal", key.export({ type: "pkcs8", format: "der" }).toString("hex")],
    ["in another format", key.export({ type: other as "sec1", format: "pem" }).toString()],
    ["as JWK", JSON.stringify({ d })],
    ["as a number", BigInt(`0x${Buffer.from(d, "base64url").toString("hex")}`).toString()],
  ])("%s", (_how, text) => {
    expect(findSecrets(text, { key: pem })).not.toEqual([]);
  });
});

test.each(Object.entries(keys))("what everyone may know of a key is no leak (%s)", (_, key) => {
  const {
    d: _d,
    p: _p,
    q: _q,
    dp: _dp,
    dq: _dq,
    qi: _qi,
    ...known
  } = key.export({ format: "jwk" });
  expect(findSecrets(JSON.stringify(known), { key: pkcs8(key) })).toEqual([]);
});

test("another secret is none", () => {
  const other = pkcs8(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
  expect(findSecrets(`${other} ${"x".repeat(40)}`, { token, key: pkcs8(keys["P-256"]) })).toEqual(
    [],
  );
});

describe("below a folder", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "find-secrets-"));
    mkdirSync(path.join(folder, "a", "b"), { recursive: true });
    writeFileSync(path.join(folder, "a", "b", "log"), Buffer.from(`\u0000\u00ff${base64(token)}`));
    writeFileSync(path.join(folder, "a", "file-s3cret-name"), "");
    writeFileSync(path.join(folder, "env"), token);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("files' content and names are searched, but for those that may hold it", () => {
    const secrets = { token, name: "s3cret-name" };
    const found = findSecretsBelow(folder, secrets, (file) => file === "env");
    expect(found).toEqual([
      { secret: "token", form: "base64", file: path.join("a", "b", "log") },
      { secret: "name", form: "plain", file: path.join("a", "file-s3cret-name") },
    ]);
    expect(findSecretsBelow(folder, secrets).map(({ file }) => file)).toContain("env");
  });
});
