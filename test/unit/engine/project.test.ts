import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readProject, readStackFile, resolveConfig } from "../../../sandbox/engine/project.ts";

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "private-lb-project-"));
});
afterEach(() => fs.rmSync(root, { recursive: true }));

const header = "name: shop\nruntime: { name: nodejs, options: { typescript: false } }\n";

function resolve(project: string, stack = "") {
  fs.writeFileSync(path.join(root, "Pulumi.yaml"), header + project);
  if (stack) fs.writeFileSync(path.join(root, "Pulumi.dev.yaml"), stack);
  const read = readProject(root);
  const { config } = readStackFile(read, "dev");
  return resolveConfig(read, "dev", config, (text) => `plain ${text}`);
}

/** Values by key, without the project's name. */
function readConfig(stack: string): Record<string, string> {
  const { values } = resolve("", stack);
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key.slice(5), value]));
}

describe("configuration", () => {
  test.each([
    ["a text", "shop:key: text", "text"],
    ["a number", "shop:key: 443", "443"],
    ["a boolean", "shop:key: false", "false"],
    ["a map", "shop:key: { a: [1, x] }", '{"a":[1,"x"]}'],
    ["the project's own key", "key: text", "text"],
    ["the older form", "shop:config:key: text", "text"],
  ])("passes on %s", (_name, line, value) => {
    expect(resolve("", `config:\n  ${line}\n`).values).toEqual({ "shop:key": value });
  });

  test("takes what hundreds of entries share, written once", () => {
    const uses = Array.from({ length: 500 }, () => "    - *shared\n").join("");
    const stack = `config:\n  a: &shared { app: x }\n  many:\n${uses}`;
    const { many = "" } = readConfig(stack);
    expect(JSON.parse(many)).toEqual(Array.from({ length: 500 }, () => ({ app: "x" })));
  });

  test("refuses a file that multiplies itself", () => {
    const levels = Array.from({ length: 9 }, (_, i) => {
      const uses = Array.from({ length: 10 }, () => (i === 0 ? "x" : `*l${i - 1}`)).join(", ");
      return `  k${i}: &l${i} [${uses}]\n`;
    });
    expect(() => readConfig(`config:\n${levels.join("")}`)).toThrow(/alias count/);
  });

  test("decrypts secrets, and says which keys are secret", () => {
    const stack =
      "config:\n  a: { secure: cipher }\n  b: { open: x, deep: [{ secure: more }] }\n  c: d\n";
    expect(resolve("", stack)).toEqual({
      values: {
        "shop:a": "plain cipher",
        "shop:b": '{"open":"x","deep":["plain more"]}',
        "shop:c": "d",
      },
      secretKeys: ["shop:a", "shop:b"],
    });
  });

  test("takes defaults of the project, in the long and in the short form", () => {
    const project =
      "config:\n  size: { type: integer, default: 2 }\n  aws:region: { value: fr-par }\n  short: x\n";
    expect(resolve(project).values).toEqual({
      "shop:size": "2",
      "aws:region": "fr-par",
      "shop:short": "x",
    });
  });

  test("names every fault at once, with key and rule", () => {
    const project =
      "config:\n  size: { type: integer }\n  names: { type: array, items: { type: string } }\n  on: { type: boolean }\n  key: { type: string, secret: true }\n  must: { type: string }\n";
    const stack = "config:\n  size: big\n  names: [1]\n  on: maybe\n  key: open\n";
    const faults = [
      "shop:key must be encrypted, as it is secret",
      "shop:must is missing",
      "shop:names must be of type array<string>",
      "shop:on must be of type boolean",
      "shop:size must be of type integer",
    ];
    expect(() => resolve(project, stack)).toThrow(faults.join("; "));
  });

  test("of a key that is missing, the keys that are not declared are named", () => {
    const project = "config:\n  network: { type: string }\n";
    expect(() => resolve(project, "config:\n  shop:netwrok: a\n  aws:region: b\n")).toThrow(
      "shop:network is missing; shop:netwrok is not declared in Pulumi.yaml (",
    );
  });

  test("a file that is no YAML is named, with the line", () => {
    const file = path.join(root, "Pulumi.dev.yaml");
    expect(() => resolve("", "config:\n  key: [\n")).toThrow(`${file}: `);
    expect(() => resolve("", "config:\n  key: [\n")).toThrow(/line \d/);
  });

  test.each([
    ["string", "443"],
    ["integer", '"443"'],
    ["boolean", '"true"'],
    ["object", "{ a: 1 }"],
  ])("a %s may be written as %s", (type, value) => {
    const project = `config:\n  key: { type: ${type} }\n`;
    expect(() => resolve(project, `config:\n  key: ${value}\n`)).not.toThrow();
  });
});

describe("the project", () => {
  test("runs in the folder of its main file", () => {
    fs.mkdirSync(path.join(root, "program"));
    fs.writeFileSync(path.join(root, "Pulumi.yaml"), `${header}main: program/\n`);
    expect(readProject(root)).toMatchObject({
      root,
      directory: path.join(root, "program"),
      entry: ".",
      typescript: false,
    });
  });

  test("of another runtime is refused by its name", () => {
    fs.writeFileSync(path.join(root, "Pulumi.yaml"), "name: shop\nruntime: python\n");
    expect(() => readProject(root)).toThrow('the runtime "python"');
  });

  test("that is not there is named", () => {
    expect(() => readProject(root)).toThrow(path.join(root, "Pulumi.yaml"));
  });
});
