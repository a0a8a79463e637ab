/** Where marked secrets have leaked to: searched in every form in which programs write what they hold. */
import { createPrivateKey } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** By a name for people: a token or password as it is, or a private key in PEM, which is searched by its numbers. */
export type Secrets = Readonly<Record<string, string>>;

export interface Leak {
  secret: string;
  /** `plain`, `base64`, `JSON`, `URL`, `hex` or `decimal`. */
  form: string;
  /** The file below the folder; absent for a text. */
  file?: string;
}

interface Needle extends Leak {
  text: string;
}

/** Shorter ones occur by chance. */
const SHORTEST = 8;

/** Each secret once for each form in which the text holds it. */
export function findSecrets(text: string, secrets: Secrets): Leak[] {
  return search(text, needles(secrets));
}

/** In every file below the folder, and in the files' names. `isExcepted` is asked with the path below it. */
export function findSecretsBelow(
  folder: string,
  secrets: Secrets,
  isExcepted: (file: string) => boolean = () => false,
): Leak[] {
  const wanted = needles(secrets);
  return filesBelow(folder).flatMap((file) =>
    isExcepted(file)
      ? []
      : search(`${file}\n${contentOf(path.join(folder, file))}`, wanted).map((leak) => ({
          ...leak,
          file,
        })),
  );
}

/** The paths of all files below the folder, relative to it; links are files, and not followed. */
export function filesBelow(folder: string): string[] {
  return listed(folder).flatMap((name) => {
    const isFolder = lstatSync(path.join(folder, name), { throwIfNoEntry: false })?.isDirectory();
    if (!isFolder) return [name];
    return filesBelow(path.join(folder, name)).map((below) => path.join(name, below));
  });
}

/** What another process removes in the meantime holds nothing. */
function contentOf(file: string): string {
  return ifThere(() => readFileSync(file, "utf8")) ?? "";
}

const listed = (folder: string) => ifThere(() => readdirSync(folder)) ?? [];

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENXIO") return undefined;
    throw error;
  }
}

function search(text: string, wanted: Needle[]): Leak[] {
  // PEM, MIME and JSON break base64 into lines, which may be escaped, once or more.
  const joined = text.replaceAll(/\s|\\+[rn]|%0[AD]/gi, "").replaceAll(/\\+(?=["\\/])/g, "\\");
  const lower = joined.toLowerCase();
  const isFound = ({ form, text: needle }: Needle) =>
    form === "hex"
      ? lower.includes(needle) || lower.replaceAll(":", "").includes(needle)
      : text.includes(needle) || joined.includes(needle.replaceAll(/\s/g, ""));
  const found = wanted.filter(isFound).map(({ secret, form }) => ({ secret, form }));
  return [...new Map(found.map((leak) => [`${leak.secret} ${leak.form}`, leak])).values()];
}

function needles(secrets: Secrets): Needle[] {
  return Object.entries(secrets).flatMap(([secret, value]) => {
    const numbers = value.includes("PRIVATE KEY-----") ? privateNumbers(value) : [];
    const forms = numbers.length > 0 ? numbers.flatMap(formsOfNumber) : formsOfText(value);
    // A key whose whole PEM is encoded once more, as Kubernetes does with what it holds.
    const nested = numbers.length > 0 ? base64(Buffer.from(value)) : [];
    // Under the first form of those that come to the same.
    const distinct = new Map(
      [...forms, ...nested].toReversed().map(([form, text]) => [text, form]),
    );
    return [...distinct]
      .filter(([text]) => text.length >= SHORTEST)
      .map(([text, form]) => ({ secret, form, text }));
  });
}

type Form = [form: string, text: string];

function formsOfText(value: string): Form[] {
  const bytes = Buffer.from(value);
  return [
    ["plain", value],
    ["JSON", JSON.stringify(value).slice(1, -1)],
    ["URL", encodeURIComponent(value)],
    ["URL", new URLSearchParams([["", value]]).toString().slice(1)],
    ["hex", bytes.toString("hex")],
    ...base64(bytes),
  ];
}

function formsOfNumber(bytes: Buffer): Form[] {
  return [
    ...base64(bytes),
    ["hex", bytes.toString("hex")],
    ["decimal", BigInt(`0x${bytes.toString("hex")}`).toString()],
  ];
}

/** As it stands anywhere within base64: three texts, by the place of its first byte in a group of three. */
function base64(bytes: Buffer): Form[] {
  return [0, 1, 2].flatMap((offset): Form[] => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64url");
    // What shares a sign with a neighbour's bits differs by the neighbour.
    const text = whole.slice(offset === 0 ? 0 : offset + 1, -1);
    const standard = text.replaceAll("-", "+").replaceAll("_", "/");
    return [
      ["base64", text],
      ["base64", standard],
      ["base64", encodeURIComponent(standard)],
      ["base64", standard.replaceAll("/", "\\/")],
    ];
  });
}

/** Of a private key what its certificate does not show; a broken key is searched as a text. */
function privateNumbers(pem: string): Buffer[] {
  try {
    const { d, p, q } = createPrivateKey(pem).export({ format: "jwk" });
    return [d, p, q].flatMap((number) => (number ? [Buffer.from(number, "base64url")] : []));
  } catch {
    return [];
  }
}
