import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensurePebble } from "../../../sandbox/acme/ensurePebble.ts";
import { downloadPebble } from "../../../sandbox/acme/pebbleRelease.ts";

let root: string;
let cache: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "private-lb #%-"));
  cache = join(root, "cache");
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function program(folder: string, name: string, content: string): Promise<string> {
  const path = join(root, folder, name);
  await mkdir(join(root, folder), { recursive: true });
  await writeFile(path, content);
  await chmod(path, 0o755);
  return path;
}

/** As Go leaves it in the binaries that it builds. */
const moduleLine = (version: string) =>
  `\x7fELF\0\0mod\tgithub.com/letsencrypt/pebble/v2\tv${version}\th1:x=\n`;

const noDownload = () => Promise.reject(new Error("offline"));

/** Only these folders of the test are on PATH, and /bin for the shell of the scripts. */
const ensure = (folders: string[], download = noDownload, onProgress = (_message: string) => {}) =>
  ensurePebble({
    onProgress,
    env: { PATH: [...folders.map((folder) => join(root, folder)), "/bin"].join(":") },
    cacheFolders: [cache],
    download,
  });

const goInstalls = (content: string) =>
  `#!/bin/sh\n[ "$2" = github.com/letsencrypt/pebble/v2/cmd/pebble@v2.10.1 ] || exit 9\n` +
  `printf '${content}' > "$GOBIN/pebble"; chmod +x "$GOBIN/pebble"\n`;

describe("Pebble on PATH", () => {
  it.each(["2.10.1", "2.10.0", "2.11.3"])("is used in version %s", async (version) => {
    const path = await program("bin", "pebble", moduleLine(version));
    expect(await ensure(["bin"])).toBe(path);
  });

  it.each([
    ["an older version", moduleLine("2.9.0")],
    ["a future major version", moduleLine("3.0.0")],
    ["another program of this name", "#!/bin/sh\necho canonical\n"],
  ])("is passed over when it is %s", async (_, content) => {
    await program("bin", "pebble", content);
    await program("go", "go", goInstalls("built"));
    const path = await ensure(["bin", "go"]);
    expect(await readFile(path, "utf8")).toBe("built");
  });
});

describe("building with Go", () => {
  it("keeps the binary in the cache for the next time, and nothing else", async () => {
    await program("go", "go", goInstalls("built"));
    const path = await ensure(["go"]);
    expect(await ensure([])).toBe(path);
    expect(await readdir(cache)).toEqual([`pebble-2.10.1-${process.platform}-${process.arch}`]);
  });

  it("leaves nothing behind when it is broken off, and succeeds the next time", async () => {
    const half = '#!/bin/sh\nprintf half > "$GOBIN/pebble"; echo "no space" >&2; exit 1\n';
    await program("go", "go", half);
    await expect(ensure(["go"])).rejects.toThrow("go install: no space; the release: offline");
    expect(await readdir(cache)).toEqual([]);
    await program("go", "go", goInstalls("built"));
    expect(await readFile(await ensure(["go"]), "utf8")).toBe("built");
  });

  it("happens once for several commands at once, and the others say that they wait", async () => {
    await program(
      "go",
      "go",
      `${goInstalls("built")}echo >> ${JSON.stringify(join(root, "builds"))}`,
    );
    const told: string[] = [];
    const one = () => ensure(["go"], noDownload, (message) => void told.push(message));
    const paths = await Promise.all([one(), one(), one()]);
    expect(new Set(paths).size).toBe(1);
    expect(await readFile(paths[0] ?? "", "utf8")).toBe("built");
    expect(await readdir(cache)).toHaveLength(1);
    expect(await readFile(join(root, "builds"), "utf8")).toBe("\n");
    expect(told.toSorted()).toEqual([
      "Building Pebble 2.10.1 with Go (once, about 10 s)",
      "Waiting for another command that installs Pebble",
      "Waiting for another command that installs Pebble",
    ]);
  });

  it("takes the next cache folder when the first cannot be made", async () => {
    await program("go", "go", goInstalls("built"));
    await writeFile(join(root, "file"), "");
    const path = await ensurePebble({
      env: { PATH: `${join(root, "go")}:/bin` },
      cacheFolders: [join(root, "file", "below"), cache],
      download: noDownload,
    });
    expect(path.startsWith(cache)).toBe(true);
  });
});

it("names what to install in one sentence when every way has failed", async () => {
  const error = await ensure([]).catch((caught: Error) => caught);
  expect(String(error)).toBe(
    "Error: Pebble (ACME test server) is missing: install Go from https://go.dev/dl (Debian: apt install " +
      "golang-go), or put pebble 2.10.1 on PATH. Tried: go is not on PATH; the release: offline",
  );
});

describe("the release", () => {
  /** A tar archive with these files, as the release archives are. */
  function archive(files: Record<string, string>): Buffer {
    const blocks = Object.entries(files).flatMap(([name, content]) => {
      const header = Buffer.alloc(512);
      header.write(name, 0);
      header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
      header.write("0", 156);
      const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
      body.write(content);
      return [header, body];
    });
    return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
  }

  const bytes = archive({
    "pebble-linux-amd64/README": "x".repeat(700),
    "pebble-linux-amd64/linux/amd64/pebble": "binary",
  });
  const sha256 = createHash("sha256").update(bytes).digest("hex");

  it("is fetched for the platform, checked and unpacked", async () => {
    const urls: string[] = [];
    const download = async (url: string) => {
      urls.push(url);
      return bytes;
    };
    const found = await downloadPebble("linux-amd64", download, { "linux-amd64": sha256 });
    expect(String(found)).toBe("binary");
    expect(urls).toEqual([
      "https://github.com/letsencrypt/pebble/releases/download/v2.10.1/pebble-linux-amd64.tar.gz",
    ]);
  });

  it("is refused when it is not the pinned one", async () => {
    await expect(downloadPebble("linux-amd64", async () => bytes)).rejects.toThrow(
      `has SHA-256 ${sha256}, expected 4f2fcb5bca8c85c9cf73ad140fccfc0d2be40bd81ab99879c79b7b8a0b4f70ed`,
    );
  });

  it("is refused for a platform without one", async () => {
    await expect(downloadPebble("sunos-x64", async () => bytes)).rejects.toThrow(
      "Pebble has no pinned release for sunos-x64",
    );
  });

  it("is refused without the binary in it", async () => {
    const other = archive({ "pebble/readme": "x" });
    const checksum = createHash("sha256").update(other).digest("hex");
    await expect(
      downloadPebble("linux-amd64", async () => other, { "linux-amd64": checksum }),
    ).rejects.toThrow("no file called pebble");
  });
});
