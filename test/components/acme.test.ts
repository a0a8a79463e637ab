import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { AcmeAccount } from "../../components/acmeAccount.ts";
import { AcmeCertificate } from "../../components/acmeCertificate.ts";
import { record, resolved, unwrapSecret } from "./recorder.ts";
import { ACME } from "./types.ts";

const KEY = "tls:index/privateKey:PrivateKey";
const ACCOUNT = "pulumi-nodejs:dynamic/acme:Account";
const directory = "https://ca.example/directory";

const certificateArgs = {
  account: { directory, accountUrl: "https://ca.example/account/1", accountKeyPem: "ACCOUNT KEY" },
  names: ["test.example.com", "*.test.example.com"],
  zones: [{ name: "example.com", id: "zone-example.com" }],
  owner: "private-lb/prod",
};

test("an account is a key of its own and a registration", async () => {
  const { types, one } = await record(
    () => new AcmeAccount("acme", { directory, email: "platform@example.com" }),
  );
  expect(types()).toEqual(["private-lb:index:AcmeAccount", ACCOUNT, KEY]);
  expect(one(KEY, "acme-key").inputs).toEqual({ algorithm: "ECDSA", ecdsaCurve: "P256" });
  const { __provider, accountKeyPem, ...inputs } = one(ACCOUNT, "acme").inputs;
  expect(inputs).toEqual({ directory, email: "platform@example.com" });
  expect(unwrapSecret(accountKeyPem)).toBe("ACCOUNT KEY");
  expect(__provider).toContain("certificate/accountProvider.ts");
});

test("the keys of an account are secret outputs too, and a replacement comes first", async () => {
  const { one } = await record(
    () => new AcmeAccount("acme", { directory, email: "a@example.com" }),
  );
  const { additionalSecretOutputs, deleteBeforeReplace } = one(ACCOUNT);
  expect({ additionalSecretOutputs, deleteBeforeReplace }).toEqual({
    additionalSecretOutputs: ["accountKeyPem", "externalAccountBinding"],
    deleteBeforeReplace: false,
  });
});

test("the key of an external account binding is a secret", async () => {
  const externalAccountBinding = { keyId: "kid-1", hmacKey: "aG1hYw" };
  const { one } = await record(
    () => new AcmeAccount("acme", { directory, email: "a@example.com", externalAccountBinding }),
  );
  const binding = one(ACCOUNT).inputs["externalAccountBinding"] as Record<string, unknown>;
  expect(JSON.stringify(binding)).toContain("1b47061264138c4ac30d75fd1eb44270");
  expect(unwrapSecret(binding["hmacKey"])).toBe("aG1hYw");
});

test("the account's outputs are its directory, its url and its secret key", async () => {
  const { result } = await record(
    () => new AcmeAccount("acme", { directory, email: "a@example.com" }),
  );
  expect(await resolved(result.directory)).toBe(directory);
  expect(await resolved(result.accountUrl)).toBe("https://ca.example/account/1");
  expect(await pulumi.isSecret(result.accountKeyPem)).toBe(true);
});

test("a certificate's inputs are exactly these", async () => {
  const { types, one } = await record(() => new AcmeCertificate("test", certificateArgs));
  expect(types()).toEqual([ACME]);
  const { __provider, accountKeyPem, ...inputs } = one(ACME).inputs;
  expect(inputs).toEqual({
    directory,
    accountUrl: "https://ca.example/account/1",
    names: ["test.example.com", "*.test.example.com"],
    zones: [{ name: "example.com", id: "zone-example.com" }],
    keyType: "ec256",
    owner: "private-lb/prod",
    propagationTimeout: 180,
    renewalInterval: 43_200,
    keyRotation: "always",
    status: "valid",
  });
  expect(unwrapSecret(accountKeyPem)).toBe("ACCOUNT KEY");
  expect(__provider).toContain("certificate/provider.ts");
});

test("when and how a certificate renews is the caller's", async () => {
  const settings = {
    renewBefore: "1/2",
    renewalInterval: 3600,
    keyRotation: "reuse" as const,
    renewalTrigger: "2026-11-21",
  };
  const { one } = await record(
    () => new AcmeCertificate("test", { ...certificateArgs, ...settings }),
  );
  expect(one(ACME).inputs).toMatchObject(settings);
});

test("a certificate's key type, profile and timeout are the caller's", async () => {
  const { one } = await record(
    () =>
      new AcmeCertificate("test", {
        ...certificateArgs,
        keyType: "rsa2048",
        profile: "shortlived",
        propagationTimeout: 60,
      }),
  );
  expect(one(ACME).inputs).toMatchObject({
    keyType: "rsa2048",
    profile: "shortlived",
    propagationTimeout: 60,
  });
});

test("the private key is a secret output, since the provider process answers in plain", async () => {
  const { one } = await record(() => new AcmeCertificate("test", certificateArgs));
  expect(one(ACME).additionalSecretOutputs).toEqual([
    "accountKeyPem",
    "privateKeyPem",
    "leakedKeys",
    "order",
  ]);
});

test("a certificate's outputs are the provider's", async () => {
  const { result } = await record(() => new AcmeCertificate("test", certificateArgs));
  expect(await resolved(result.serial)).toBe("00000123456789abcdef");
  expect(await resolved(result.notAfter)).toBe("2027-02-18T00:00:00.000Z");
});
