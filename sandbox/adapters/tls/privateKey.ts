/**
 * `tls_private_key`: a key that lives in the state alone.
 * https://github.com/hashicorp/terraform-provider-tls/blob/main/internal/provider/resource_private_key.go
 */
import {
  createHash,
  createPublicKey,
  generateKeyPair as generate,
  type KeyObject,
} from "node:crypto";
import { promisify } from "node:util";
import type { Props } from "../../engine/provider.ts";
import type { Fields, ResourceType } from "../table.ts";
import { text } from "../values.ts";
import { toOpenSsh } from "./openssh.ts";

const generateKeyPair = promisify(generate);

const curves: Record<string, string> = {
  P224: "secp224r1",
  P256: "prime256v1",
  P384: "secp384r1",
  P521: "secp521r1",
};

const fields: Fields = {
  algorithm: {
    kind: "string",
    change: "replace",
    required: true,
    oneOf: ["RSA", "ECDSA", "ED25519"],
  },
  ecdsaCurve: { kind: "string", change: "replace", default: "P224", oneOf: Object.keys(curves) },
  rsaBits: { kind: "number", change: "replace", default: 2048 },
  privateKeyPem: { kind: "string", change: "computed", secret: true },
  privateKeyPemPkcs8: { kind: "string", change: "computed", secret: true },
  privateKeyOpenssh: { kind: "string", change: "computed", secret: true },
  publicKeyPem: { kind: "string", change: "computed" },
  publicKeyOpenssh: { kind: "string", change: "computed" },
  publicKeyFingerprintMd5: { kind: "string", change: "computed" },
  publicKeyFingerprintSha256: { kind: "string", change: "computed" },
};

export const privateKey: ResourceType<null> = {
  token: "tls:index/privateKey:PrivateKey",
  toolkit: "framework",
  fields,

  async create(_, inputs, created) {
    const key = await newKey(inputs);
    const der = createPublicKey(key).export({ type: "spki", format: "der" });
    created(createHash("sha1").update(der).digest("hex"));
    return { ...inputs, ...encodings(key) };
  },

  async read(_, id, state) {
    if (!state["privateKeyPem"]) throw new Error(`private key ${id} is in no vendor: no import`);
    return state;
  },

  async delete() {},
};

async function newKey(inputs: Props): Promise<KeyObject> {
  switch (inputs["algorithm"]) {
    case "RSA":
      return (await generateKeyPair("rsa", { modulusLength: Number(inputs["rsaBits"]) }))
        .privateKey;
    case "ECDSA": {
      const namedCurve = curves[text(inputs["ecdsaCurve"])] as string;
      return (await generateKeyPair("ec", { namedCurve })).privateKey;
    }
    default:
      return (await generateKeyPair("ed25519")).privateKey;
  }
}

/** The traditional form of each algorithm, beside PKCS #8. */
const forms: Record<string, "pkcs1" | "sec1" | "pkcs8"> = { rsa: "pkcs1", ec: "sec1" };

function encodings(key: KeyObject): Props {
  const form = forms[key.asymmetricKeyType ?? ""] ?? "pkcs8";
  const ssh = toOpenSsh(key);
  return {
    privateKeyPem: key.export({ type: form as "pkcs8", format: "pem" }),
    privateKeyPemPkcs8: key.export({ type: "pkcs8", format: "pem" }),
    privateKeyOpenssh: ssh?.privatePem ?? "",
    publicKeyPem: createPublicKey(key).export({ type: "spki", format: "pem" }),
    publicKeyOpenssh: ssh ? `${ssh.algorithm} ${ssh.blob.toString("base64")}\n` : "",
    publicKeyFingerprintMd5: ssh ? colons(createHash("md5").update(ssh.blob).digest("hex")) : "",
    publicKeyFingerprintSha256: ssh
      ? `SHA256:${createHash("sha256").update(ssh.blob).digest("base64").replace(/=+$/, "")}`
      : "",
  };
}

const colons = (hex: string): string => hex.match(/../g)?.join(":") ?? "";
