/**
 * OpenSSH's formats of a key: the public blob (RFC 4253, section 6.6; RFC 5656; RFC 8709) and the private container
 * (https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key), unencrypted and without a comment.
 */
import { type JsonWebKey, type KeyObject, randomBytes } from "node:crypto";

const BLOCK = 8;
const LINE = 70;

export interface OpenSsh {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, … */
  algorithm: string;
  /** Public key in wire format. */
  blob: Buffer;
  /** Private key as PEM. */
  privatePem: string;
}

/** `undefined` for a curve that OpenSSH does not know (P224). */
export function toOpenSsh(key: KeyObject): OpenSsh | undefined {
  const jwk =
    key.asymmetricKeyDetails?.namedCurve === "secp224r1" ? {} : key.export({ format: "jwk" });
  const parts = keyParts(jwk);
  if (!parts) return undefined;
  const { algorithm, publicFields, privateFields } = parts;
  const blob = Buffer.concat([field(algorithm), ...publicFields]);
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, field(algorithm), ...privateFields, field("")]);
  const container = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...["none", "none", ""].map(field),
    uint32(1),
    field(blob),
    field(Buffer.concat([secret, padding(secret.length)])),
  ]);
  return { algorithm, blob, privatePem: pem("OPENSSH PRIVATE KEY", container) };
}

interface KeyParts {
  algorithm: string;
  publicFields: Buffer[];
  privateFields: Buffer[];
}

function keyParts(jwk: JsonWebKey): KeyParts | undefined {
  if (jwk.kty === "OKP") {
    const point = bytes(jwk.x);
    const secret = Buffer.concat([bytes(jwk.d), point]);
    return {
      algorithm: "ssh-ed25519",
      publicFields: [field(point)],
      privateFields: [field(point), field(secret)],
    };
  }
  if (jwk.kty === "RSA") {
    const numbers = (...values: (string | undefined)[]) =>
      values.map((value) => number(bytes(value)));
    return {
      algorithm: "ssh-rsa",
      publicFields: numbers(jwk.e, jwk.n),
      privateFields: numbers(jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q),
    };
  }
  if (jwk.kty !== "EC" || !jwk.crv) return undefined;
  const curve = jwk.crv.replace("P-", "nistp");
  const point = Buffer.concat([Buffer.from([4]), bytes(jwk.x), bytes(jwk.y)]);
  const publicFields = [field(curve), field(point)];
  return {
    algorithm: `ecdsa-sha2-${curve}`,
    publicFields,
    privateFields: [...publicFields, number(bytes(jwk.d))],
  };
}

const bytes = (value: string | undefined): Buffer => Buffer.from(value ?? "", "base64url");

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function field(value: string | Buffer): Buffer {
  const content = Buffer.from(value);
  return Buffer.concat([uint32(content.length), content]);
}

/** A positive integer: no leading zeros, but one where the sign bit would be set. */
function number(value: Buffer): Buffer {
  const first = value.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.alloc(0) : value.subarray(first);
  const sign = (digits[0] ?? 0) & 0x80 ? Buffer.from([0]) : Buffer.alloc(0);
  return field(Buffer.concat([sign, digits]));
}

function padding(length: number): Buffer {
  const missing = (BLOCK - (length % BLOCK)) % BLOCK;
  return Buffer.from(Array.from({ length: missing }, (_, index) => index + 1));
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString("base64").match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
