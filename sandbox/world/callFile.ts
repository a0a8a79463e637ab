/** `.sandbox/requests.jsonl`: one line per API call, as it is answered. */
import { closeSync, openSync, writeSync } from "node:fs";
import type { CallLog } from "../clouds/api.ts";

/** Writes every call from now on; the answer closes the file. */
export function writeCalls(log: CallLog, file: string): () => void {
  const handle = openSync(file, "w", 0o600);
  const stop = log.onCall((call) => writeSync(handle, `${JSON.stringify(call)}\n`));
  return () => {
    stop();
    closeSync(handle);
  };
}
