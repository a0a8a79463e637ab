/** The two commands of the README, warm: everything that they need is installed already. */
import { spawn } from "node:child_process";
import { type Row, seconds } from "./measure.ts";

const COMMANDS = [
  { args: ["run", "sandbox"], goal: 60 },
  { args: ["test"], goal: 240 },
];

export async function measureCommands(projectDir: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { args, goal } of COMMANDS) {
    const value = await seconds(() => npm(projectDir, args));
    rows.push({ what: `npm ${args.join(" ")}`, value, unit: "s", goal });
  }
  return rows;
}

async function npm(cwd: string, args: string[]): Promise<void> {
  const child = spawn("npm", ["--silent", ...args], {
    cwd,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", resolve);
  });
  if (code !== 0) throw new Error(`npm ${args.join(" ")} failed: run it by itself to see why`);
}
