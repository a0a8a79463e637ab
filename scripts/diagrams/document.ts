/** Mermaid diagrams in a Markdown document, between a comment that names them and one that ends them. */

const END = "<!-- end of the diagram -->";
const FENCE = "```";

/** The document with that diagram in place of the one that it has. @throws Error when it has no place for it */
export function withDiagram(document: string, name: string, lines: readonly string[]): string {
  const begin = `<!-- diagram: ${name} -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(END, from);
  if (from < 0 || to < 0) throw new Error(`the document has no ${begin} … ${END}`);
  const block = [begin, `${FENCE}mermaid`, ...lines, FENCE, ""].join("\n");
  return document.slice(0, from) + block + document.slice(to);
}
