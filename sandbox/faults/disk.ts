/** A disk that takes nothing, or nothing more: what Node says when it writes below a folder. */
import fs from "node:fs/promises";
import path from "node:path";

export interface FailingDisk {
  /** Writes that were refused. */
  hits(): number;
  mend(): void;
}

interface Options {
  code: "EROFS" | "ENOSPC";
  /** The first text that is not written any more. @default not even an open file is given */
  from?: (text: string) => boolean;
}

const SAYS = { EROFS: "read-only file system", ENOSPC: "no space left on device" };

/** Of this process, by `node:fs/promises`. */
export function failingDisk(folder: string, { code, from }: Options): FailingDisk {
  const { open, writeFile } = fs;
  let hits = 0;
  let isFull = from === undefined;
  const refuse = (call: string, file: string): never => {
    hits++;
    throw Object.assign(new Error(`${code}: ${SAYS[code]}, ${call} '${file}'`), { code });
  };
  const isBelow = (file: unknown) => String(file).startsWith(`${folder}${path.sep}`);
  const watched = (handle: fs.FileHandle, file: string) => {
    for (const call of ["appendFile", "writeFile"] as const) {
      const write = handle[call].bind(handle);
      handle[call] = async (data, options) => {
        isFull ||= from?.(String(data)) === true;
        return isFull ? refuse("write", file) : write(data, options);
      };
    }
    return handle;
  };
  Object.assign(fs, {
    open: async (...asked: Parameters<typeof open>) => {
      const [file, flags = "r"] = asked;
      if (!isBelow(file) || flags === "r") return open(...asked);
      return isFull && !from
        ? refuse("open", String(file))
        : watched(await open(...asked), String(file));
    },
    writeFile: async (...asked: Parameters<typeof writeFile>) =>
      isFull && isBelow(asked[0]) ? refuse("open", String(asked[0])) : writeFile(...asked),
  });
  return { hits: () => hits, mend: () => void Object.assign(fs, { open, writeFile }) };
}
