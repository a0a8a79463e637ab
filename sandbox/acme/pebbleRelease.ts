/**
 * The pinned release of Pebble, for machines without Go.
 * https://github.com/letsencrypt/pebble/releases/tag/v2.10.1
 */
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";

export const PEBBLE_VERSION = "2.10.1";

/** SHA-256 of the release archives `pebble-<os>-<arch>.tar.gz`. */
const RELEASE_SHA256: Readonly<Record<string, string>> = {
  "darwin-amd64": "e670ff869886022637e077502a62e7f23be693c45a5a6727ebd76da8fdce64dc",
  "darwin-arm64": "09a3a4e6ebed71e8d83294a26d361232262f45a7488f5de7bccb5887b395217f",
  "linux-amd64": "4f2fcb5bca8c85c9cf73ad140fccfc0d2be40bd81ab99879c79b7b8a0b4f70ed",
  "linux-arm64": "b53fd072a69eb7692451de4e8b0667e0bdf5cccd7e36fc51b8eaf2fcc135ed9f",
};

/** Go's name of this platform (`linux-amd64`), as the release archives are named. */
export function releasePlatform(platform: string, arch: string): string {
  return `${platform}-${arch === "x64" ? "amd64" : arch}`;
}

/** Gives the bytes at a URL; throws when they cannot be had. */
export type Download = (url: string) => Promise<Uint8Array>;

/**
 * Downloads, checks and unpacks the release for `platform` (`linux-amd64`).
 * @throws when there is no release for it, or when the archive is not the pinned one.
 */
export async function downloadPebble(
  platform: string,
  download: Download = fetchBytes,
  checksums: Readonly<Record<string, string>> = RELEASE_SHA256,
): Promise<Uint8Array> {
  const expected = checksums[platform];
  if (expected === undefined) throw new Error(`Pebble has no pinned release for ${platform}`);
  const url = `https://github.com/letsencrypt/pebble/releases/download/v${PEBBLE_VERSION}/pebble-${platform}.tar.gz`;
  const archive = await download(url);
  const actual = createHash("sha256").update(archive).digest("hex");
  if (actual !== expected) {
    throw new Error(`${url} has SHA-256 ${actual}, expected ${expected}; nothing was installed`);
  }
  return extract(gunzipSync(archive), "pebble");
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await fetch(url, { signal: AbortSignal.timeout(120_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.bytes();
}

const BLOCK = 512;

/** The content of the entry called `name`, in whichever folder, of an uncompressed tar archive (POSIX ustar). */
function extract(tar: Buffer, name: string): Uint8Array {
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const path = field(tar, at, 100);
    if (path === "") break;
    const size = Number.parseInt(field(tar, at + 124, 12), 8);
    const content = at + BLOCK;
    const isFile = ["0", ""].includes(field(tar, at + 156, 1));
    if (isFile && path.split("/").at(-1) === name) return tar.subarray(content, content + size);
    at = content + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new Error(`the archive holds no file called ${name}`);
}

function field(tar: Buffer, start: number, length: number): string {
  const text = tar.toString("latin1", start, start + length);
  const end = text.indexOf("\0");
  return (end < 0 ? text : text.slice(0, end)).trim();
}
