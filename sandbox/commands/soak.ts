/** `soak`: many renewals in a few minutes, and their totals. */
import path from "node:path";
import { type SoakOptions, soak } from "../soak/soak.ts";

export interface SoakFlags extends Pick<SoakOptions, "renewals" | "endpoints" | "lifetime"> {
  json?: boolean;
}

/** Whether nothing failed. */
export async function runSoak(
  projectDir: string,
  { json = false, ...options }: SoakFlags,
  signal: AbortSignal,
): Promise<boolean> {
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  const print = json ? () => {} : write;
  const callFile = path.join(projectDir, ".sandbox", "requests.jsonl");
  const result = await soak({ projectDir, callFile, ...options, print, signal });
  if (json) write(JSON.stringify(result, null, 2));
  for (const fault of result.faults) print(`FAILED  ${fault}`);
  print(
    `renewals ${result.renewals} in ${result.runs} runs of at most ${result.longestRun} s, ${result.seconds} s in all`,
  );
  print(`certificates issued ${result.certificatesIssued}`);
  print(`handshakes made ${result.handshakesMade}, failed ${result.handshakesFailed}`);
  print(`leftovers ${result.leftovers.length}`);
  return result.passed;
}
