import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";

const module = pathToFileURL(
  join(resolve(import.meta.dirname, "../../.."), "dynamic/interrupt.ts"),
);

/** Starts `body` in a process of its own, and gives it and what it has printed so far. */
function start(body: string, argv: string[] = []) {
  const script = `import { interruptible } from ${JSON.stringify(module.href)};\n${body}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, ...argv], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const output = { text: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output.text += chunk;
  });
  return { child, output };
}

const work = (name: string, tidy: string) => `
  interruptible(async (signal) => {
    const keepAlive = setInterval(() => {}, 1000);
    await new Promise((resolve) => {
      signal.addEventListener("abort", resolve, { once: true });
      console.log("${name} started");
    });
    ${tidy}
    clearInterval(keepAlive);
    console.log("${name} tidied: " + signal.reason.message);
    throw signal.reason;
  }).catch((error) => {
    // As of a resource that Pulumi is to save.
    console.log("${name} " + error.name + (error.id ? " with the id of " + error.id : ""));
    error.id = "${name}";
  });`;

it.each(["SIGTERM", "SIGINT"] as const)(
  "%s aborts the work in flight and ends the process once all of it has tidied up",
  async (signal) => {
    const { child, output } = start(
      work("one", "") + work("two", "await new Promise((resolve) => setImmediate(resolve));"),
    );
    while (!/one started[\s\S]*two started/.test(output.text)) await once(child.stdout, "data");
    child.kill(signal);
    const [, killedBy] = await once(child, "close");
    expect(killedBy).toBe(signal);
    for (const name of ["one", "two"]) {
      expect(output.text).toContain(`${name} tidied: interrupted by ${signal}`);
      expect(output.text).toContain(`${name} Interrupted\n`);
    }
  },
);

it("a process without work in flight ends at once, as before", async () => {
  const { child, output } = start(`
    await interruptible(async () => 1);
    setInterval(() => {}, 1000);
    console.log("idle");`);
  while (!output.text.includes("idle")) await once(child.stdout, "data");
  child.kill("SIGTERM");
  const [, killedBy] = await once(child, "close");
  expect(killedBy).toBe("SIGTERM");
});

it("work is aborted where the engine tells its providers of a cancelled run, and the process stays", async () => {
  // As the SDK's server of a provider is one: HTTP/2, with the methods of the service as paths.
  const { child, output } = start(
    `
    import http2 from "node:http2";
    const server = http2.createServer((_, response) => response.end());
    server.listen(0, "127.0.0.1", () => {
      const session = http2.connect("http://127.0.0.1:" + server.address().port);
      const ask = (method) => session.request({ ":path": "/pulumirpc.ResourceProvider/" + method }).resume();
      process.stdin.on("data", (text) => String(text).trim().split("\\n").forEach(ask));
      console.log("listening");
    });
    ${work("it", "")}`,
    ["dynamic-provider", "127.0.0.1:1"],
  );
  const said = async (text: string) => {
    while (!output.text.includes(text)) await once(child.stdout, "data");
  };
  await Promise.all([said("it started"), said("listening")]);
  child.stdin?.write("Diff\nCancel\n");
  await said("it Interrupted");
  expect(output.text).toContain("it tidied: interrupted, as the run was cancelled");
  expect(child.exitCode).toBeNull();
  child.kill("SIGKILL");
  await once(child, "close");
});
