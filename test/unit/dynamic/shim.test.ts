import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ProviderModule, shim } from "../../../dynamic/shim.ts";

const run = promisify(execFile);
const here = import.meta.dirname;
const root = resolve(here, "../../..");
const modules: ProviderModule[] = [
  "certificate/accountProvider.ts",
  "certificate/provider.ts",
  "certificate/revocationProvider.ts",
  "frontend/provider.ts",
  "preflight/provider.ts",
];

/** Runs `body` with the deserialised `provider`, in a process of its own as the engine does, in `folder`. */
async function inProcess(folder: string, text: string, body: string): Promise<unknown> {
  const loader = createRequire(import.meta.url).resolve("require-from-string");
  const script = `
    const { handler } = require(${JSON.stringify(loader)})(${JSON.stringify(text)});
    (async () => { const provider = handler(); ${body} })().then(
      (value) => console.log(JSON.stringify(value)),
      (error) => console.log(JSON.stringify({ thrown: error.message, name: error.name })),
    );`;
  const { stdout } = await run(process.execPath, ["-e", script], { cwd: folder });
  return JSON.parse(stdout);
}

describe("the shim", () => {
  it.each(modules)("of %s is a short text that holds nothing but the path", (module) => {
    const text = shim(module);
    expect(text.length).toBeLessThan(100);
    expect(text).toContain(module);
    expect(text).not.toContain(root);
  });

  it.each(modules)(
    "of %s and the text of before find every function that they call",
    async (module) => {
      const exported = await import(pathToFileURL(join(root, module)).href);
      for (const name of ["check", "diff", "create", "read", "update", "delete", "remove"])
        expect(exported[name], `${module} ${name}`).toBeTypeOf("function");
    },
  );

  it.each([
    ["certificate/accountProvider.ts", { directory: "https://x.test/dir", email: "a@b.test" }],
    ["certificate/provider.ts", { names: ["a.example.com"], keyType: "ec256" }],
    ["certificate/revocationProvider.ts", { domain: "a.example.com" }],
    ["frontend/provider.ts", { port: 443 }],
    ["preflight/provider.ts", { domain: "a.example.com" }],
  ] as const)("of %s runs the real module", async (module, inputs) => {
    const body = `return provider.check({ names: [] }, ${JSON.stringify(inputs)});`;
    const result = await inProcess(root, shim(module), body);
    expect(result).toMatchObject({ inputs });
  });
});

describe.each([
  ["a shim", async () => shim("certificate/provider.ts")],
  // What the SDK made of functions, until the text was written by hand.
  ["the text in states of before", () => readFile(join(here, "serialisedBefore.txt"), "utf8")],
])("%s, in a folder with spaces, # and a percent sign in its path", (_, text) => {
  let base: string;
  let folder: string;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), "shim-"));
    folder = join(base, "my project #1 100% %41");
    await mkdir(join(folder, "certificate"), { recursive: true });
    await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
    await writeFile(
      join(folder, "certificate/provider.ts"),
      `class Refused extends Error { override readonly name = "Refused"; }
       class Counter { #calls = new Map<string, number>(); next(key: string): number {
         const calls = (this.#calls.get(key) ?? 0) + 1; this.#calls.set(key, calls); return calls; } }
       const counter = new Counter();
       export const check = async (olds: unknown, news: unknown) => ({ olds, news });
       export const diff = async (...args: unknown[]) => args;
       export const create = async (inputs: unknown) => ({ inputs, call: counter.next("create") });
       export const read = async (...args: unknown[]) => args;
       export const update = async (..._args: unknown[]) => { throw new Refused("refused, whole"); };
       export const remove = async (...args: unknown[]) => args;
       export { remove as delete };`,
    );
  });

  afterAll(() => rm(base, { recursive: true }));

  it.each([
    ["check", "({ a: 1 }, { a: 2 })", { olds: { a: 1 }, news: { a: 2 } }],
    ["diff", `("id", { a: 1 }, { a: 2 })`, ["id", { a: 1 }, { a: 2 }]],
    ["create", "({ a: 1 })", { inputs: { a: 1 }, call: 1 }],
    ["read", `("id", { a: 1 })`, ["id", { a: 1 }]],
    ["update", `("id", {}, {})`, { thrown: "refused, whole", name: "Refused" }],
    ["delete", `("id", { a: 1 })`, ["id", { a: 1 }]],
  ])("passes %s on with its arguments and its outcome", async (method, args, expected) => {
    expect(await inProcess(folder, await text(), `return provider.${method}${args};`)).toEqual(
      expected,
    );
  });

  it("keeps one instance of the module for all calls of a process", async () => {
    const body = "await provider.create({}); return (await provider.create({})).call;";
    expect(await inProcess(folder, await text(), body)).toBe(2);
  });
});

it("a shim names the missing module in a folder that is no project", async () => {
  const body = "return provider.create({});";
  const result = await inProcess(tmpdir(), shim("frontend/provider.ts"), body);
  expect(result).toMatchObject({ thrown: expect.stringContaining("frontend/provider.ts") });
});
