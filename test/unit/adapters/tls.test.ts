import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { createAdapters } from "../../../sandbox/adapters/index.ts";
import { type Props, type Provider, UNKNOWN } from "../../../sandbox/engine/provider.ts";
import { Lifecycle } from "./lifecycle.ts";

const type = "tls:index/privateKey:PrivateKey";
let provider: Provider;

beforeAll(async () => {
  provider = createAdapters({}).tls();
  await provider.configure({});
});

const newKey = (inputs: Props) => new Lifecycle(provider, type, "account").create(inputs);

describe("a private key", () => {
  test.each<[Props, string, Props, string]>([
    [
      { algorithm: "ECDSA", ecdsaCurve: "P256" },
      "EC PRIVATE KEY",
      { namedCurve: "prime256v1" },
      "ecdsa-sha2-nistp256",
    ],
    [
      { algorithm: "ECDSA", ecdsaCurve: "P384" },
      "EC PRIVATE KEY",
      { namedCurve: "secp384r1" },
      "ecdsa-sha2-nistp384",
    ],
    [{ algorithm: "RSA" }, "RSA PRIVATE KEY", { modulusLength: 2048 }, "ssh-rsa"],
    [{ algorithm: "RSA", rsaBits: 3072 }, "RSA PRIVATE KEY", { modulusLength: 3072 }, "ssh-rsa"],
    [{ algorithm: "ED25519" }, "PRIVATE KEY", {}, "ssh-ed25519"],
  ])("of %o comes as %s", async (inputs, label, details, ssh) => {
    const { outputs, id } = await newKey(inputs);
    const pem = outputs["privateKeyPem"] as string;
    expect(pem).toMatch(new RegExp(`^-----BEGIN ${label}-----\n[^]+\n-----END ${label}-----\n$`));
    expect(createPrivateKey(pem).asymmetricKeyDetails).toMatchObject(details);

    const publicKey = createPublicKey(pem);
    expect(outputs["publicKeyPem"]).toBe(publicKey.export({ type: "spki", format: "pem" }));
    expect(createPublicKey(outputs["privateKeyPemPkcs8"] as string).equals(publicKey)).toBe(true);
    const der = publicKey.export({ type: "spki", format: "der" });
    expect(id).toBe(createHash("sha1").update(der).digest("hex"));

    const [algorithm, blob = ""] = (outputs["publicKeyOpenssh"] as string).trimEnd().split(" ");
    expect(algorithm).toBe(ssh);
    const digest = createHash("sha256").update(Buffer.from(blob, "base64")).digest("base64");
    expect(outputs["publicKeyFingerprintSha256"]).toBe(`SHA256:${digest.replace(/=+$/, "")}`);
    expect(outputs["privateKeyOpenssh"]).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
  });

  test("on P224, the default curve, has no OpenSSH form", async () => {
    const { outputs } = await newKey({ algorithm: "ECDSA" });
    expect(outputs).toMatchObject({
      ecdsaCurve: "P224",
      rsaBits: 2048,
      privateKeyOpenssh: "",
      publicKeyOpenssh: "",
      publicKeyFingerprintMd5: "",
    });
  });

  test("is another each time, and stays as it is on read", async () => {
    const inputs = { algorithm: "ECDSA", ecdsaCurve: "P256" };
    const [one, other] = await Promise.all([newKey(inputs), newKey(inputs)]);
    expect(one.outputs["privateKeyPem"]).not.toBe(other.outputs["privateKeyPem"]);
    const before = one.outputs;
    await expect(one.refresh()).resolves.toBe(true);
    expect(one.outputs).toEqual(before);
    await expect(one.diff(inputs)).resolves.toMatchObject({ changes: false });
    await expect(one.delete()).resolves.toBeUndefined();
  });

  test("is secret in every form", () => {
    expect(provider.secretOutputs?.(type)).toEqual([
      "privateKeyPem",
      "privateKeyPemPkcs8",
      "privateKeyOpenssh",
    ]);
  });

  test("is unknown in a preview", async () => {
    const inputs = { algorithm: "ED25519" };
    await expect(new Lifecycle(provider, type).preview(inputs)).resolves.toMatchObject({
      algorithm: "ED25519",
      privateKeyPem: UNKNOWN,
      publicKeyPem: UNKNOWN,
    });
  });

  test("of an algorithm that the plugin has not is refused", async () => {
    await expect(newKey({ algorithm: "DSA" })).rejects.toThrow(
      "expected one of RSA, ECDSA, ED25519; got DSA",
    );
  });

  test("cannot be imported", async () => {
    await expect(new Lifecycle(provider, type).import("abc")).rejects.toThrow("no import");
  });
});
