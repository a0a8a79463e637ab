import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

/** What a process prints and ends with that sends itself these signals, each once the one before was told. */
async function signalled(...signals: string[]): Promise<[printed: string, code: number | null]> {
  const script = `
    import { untilSignalled } from ${JSON.stringify(import.meta.resolve("../../../operate/signals.ts"))};
    const signal = untilSignalled();
    const rest = ${JSON.stringify(signals)};
    const next = () => (rest.length > 0 ? process.kill(process.pid, rest.shift()) : process.exit(7));
    for (const name of ["SIGINT", "SIGTERM"])
      process.on(name, () => {
        console.log(name, process.listenerCount(name), signal.aborted);
        setImmediate(next);
      });
    next();
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script]);
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return [printed, code];
}

test("a signal aborts, and others see that it is handled", async () => {
  expect(await signalled("SIGINT")).toEqual(["SIGINT 2 true\n", 7]);
});

test("a second Ctrl-C ends the process at once", async () => {
  expect(await signalled("SIGINT", "SIGINT")).toEqual(["SIGINT 2 true\n", 130]);
});

test("another signal that comes twice is one", async () => {
  expect(await signalled("SIGTERM", "SIGTERM")).toEqual(["SIGTERM 2 true\nSIGTERM 2 true\n", 7]);
});
