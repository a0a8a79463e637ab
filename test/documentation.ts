/** The commands that the documents and package.json name. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const read = (file: string) => readFileSync(path.join(root, file), "utf8");

/** What is written as a shell's input: a line each, without its comment; one that goes on is one. */
function fenced(markdown: string): string[] {
  return [...markdown.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].flatMap(([, block = ""]) =>
    block
      .replaceAll(/\\\n\s*/g, "")
      .split("\n")
      .map((line) => line.replace(/\s+#.*$/, "").trim())
      .filter(Boolean),
  );
}

/** The project's own commands within the text, such as `npm test`. */
function inline(markdown: string): string[] {
  const prose = markdown.replaceAll(/^ *```.*?^ *```$/gms, "");
  return [...prose.matchAll(/`((?:[A-Z_]+=\S+ )*(?:npm|node) [^`]+)`/g)].map(([, line = ""]) =>
    line.trim().replaceAll(/\s+/g, " "),
  );
}

/** What people go by: neither licence nor change log, nor the records of measurements. */
export function documents(): { file: string; text: string }[] {
  const below = readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" });
  return ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...below.map((name) => `docs/${name}`)]
    .filter((file) => file.endsWith(".md") && !/^docs\/(bench\/|reliability\.md)/.test(file))
    .map((file) => ({ file, text: read(file) }));
}

/** Every command of the documents once, and that of every script. */
export function documentedCommands(): string[] {
  const texts = documents().map(({ text }) => text);
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const named = Object.keys(scripts).map((name) =>
    name === "test" ? "npm test" : `npm run ${name}`,
  );
  return [...new Set([...texts.flatMap(fenced), ...texts.flatMap(inline), ...named])];
}
