/** `.sandbox/requests.jsonl`: one line per API call, as it is answered. */
import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import path from "node:path";
import type { CallLog } from "../clouds/api.ts";

/** Bytes from which the file is set aside and begun anew. */
const FULL = 16 * 1024 * 1024;

export interface CallFileOptions {
  file: string;
  /** Stands in each line, since several sandboxes may write into one file. */
  run: string;
  /** @default 16 MiB */
  full?: number;
}

/**
 * Appends every call from now on; the answer closes the file. A line is one write at the end of the file, so that
 * those of sandboxes side by side never mix.
 */
export function writeCalls(log: CallLog, { file, run, full = FULL }: CallFileOptions): () => void {
  mkdirSync(path.dirname(file), { recursive: true });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) >= full) setAside(file);
  const handle = openSync(file, "a", 0o600);
  const stop = log.onCall((call) => {
    writeSync(handle, `${JSON.stringify({ run, ...call })}\n`);
  });
  return () => {
    stop();
    closeSync(handle);
  };
}

function setAside(file: string): void {
  try {
    renameSync(file, file.replace(/(\.jsonl)?$/, ".old$1"));
  } catch (error) {
    // Another sandbox that started just now was faster.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
