/**
 * Pulumi's passphrase scheme: AES-256-GCM with a key derived by PBKDF2; texts are `v1:<nonce>:<ciphertext and tag>`.
 * https://www.pulumi.com/docs/iac/concepts/secrets/#passphrase
 */
import { createCipheriv, createDecipheriv, createHash, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { reveal, Secret, type Value } from "./value.ts";

const ITERATIONS = 1_000_000;
const derive = promisify(pbkdf2);
/** Deriving a key takes half a second: a process that makes several runs does it once. */
const keys = new Map<string, Promise<Buffer>>();

export class Crypter {
  /** `v1:<salt>:<encrypted "pulumi">`, by which a passphrase can be checked: the `encryptionsalt` of a stack. */
  readonly salt: string;
  readonly #key: Buffer;

  private constructor(key: Buffer, salt: string) {
    this.#key = key;
    this.salt = salt;
  }

  /**
   * @param salt of an existing stack; without it a new one is made
   * @throws Error when the passphrase is not the one that the stack was encrypted with
   */
  static async open(passphrase: string, salt?: string): Promise<Crypter> {
    const [version, encoded, ...check] = salt?.split(":") ?? [];
    if (salt !== undefined && (version !== "v1" || encoded === undefined || check.length !== 3))
      throw new Error(`the stack's encryption salt is not in Pulumi's passphrase format: ${salt}`);
    const bytes = encoded === undefined ? randomBytes(8) : Buffer.from(encoded, "base64");
    const id = createHash("sha256").update(bytes).update(passphrase).digest("hex");
    const key = keys.get(id) ?? derive(passphrase, bytes, ITERATIONS, 32, "sha256");
    keys.set(id, key);
    const fresh = new Crypter(await key, "");
    if (salt === undefined)
      return new Crypter(await key, `v1:${bytes.toString("base64")}:${fresh.encrypt("pulumi")}`);
    try {
      if (fresh.decrypt(check.join(":")) === "pulumi") return new Crypter(await key, salt);
    } catch {}
    throw new Error("incorrect passphrase: PULUMI_CONFIG_PASSPHRASE is not the stack's");
  }

  encrypt(text: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
    const sealed = Buffer.concat([
      cipher.update(text, "utf8"),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
  }

  /** @throws Error when the text was not encrypted with this key */
  decrypt(text: string): string {
    const [version, nonce, sealed] = text.split(":");
    if (version !== "v1" || !nonce || !sealed) throw new Error("not an encrypted value");
    const bytes = Buffer.from(sealed, "base64");
    const decipher = createDecipheriv("aes-256-gcm", this.#key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(bytes.subarray(-16));
    return decipher.update(bytes.subarray(0, -16), undefined, "utf8") + decipher.final("utf8");
  }
}

/**
 * Keeps secrets out of everything that is shown: replaces each one that it knows by `[secret]`. Pulumi's knows those of
 * the stack's configuration only; this one learns those of resources too, from when they are registered.
 */
export class SecretFilter {
  /** Shorter ones would blank ordinary text and protect nothing. */
  static readonly #SHORTEST = 3;
  readonly #known = new Set<string>();
  /** The longest first, so that one within another does not save the rest of it. */
  #sorted: string[] | undefined;

  add(value: unknown): void {
    if (typeof value === "string") {
      if (value.length < SecretFilter.#SHORTEST || /^(true|false)$/i.test(value)) return;
      this.#known.add(value).add(JSON.stringify(value).slice(1, -1));
      this.#sorted = undefined;
    } else if (typeof value === "object" && value !== null) {
      for (const item of Object.values(value)) this.add(item);
    }
  }

  /** Every secret within a value. */
  learn(value: Value): void {
    if (value instanceof Secret) this.add(reveal(value));
    else if (typeof value === "object" && value !== null)
      for (const item of Object.values(value)) this.learn(item as Value);
  }

  clean(text: string): string {
    this.#sorted ??= [...this.#known].sort((a, b) => b.length - a.length);
    let result = text;
    for (const known of this.#sorted)
      if (result.includes(known)) result = result.replaceAll(known, "[secret]");
    return result;
  }
}
