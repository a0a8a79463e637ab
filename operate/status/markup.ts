/** Elements of a page as text, whatever stands in a state. */

/** Text that is markup already. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Child = Markup | string | undefined | readonly Child[];

/** An element with its children; text among them is escaped. */
export function element(
  name: string,
  attributes: Record<string, string | number | undefined> = {},
  ...children: Child[]
): Markup {
  const pairs = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const inner = children.map(render).join("");
  const end = inner === "" && VOID.has(name) ? "" : `</${name}>`;
  return new Markup(`<${name}${pairs.join("")}>${inner}${end}`);
}

/** https://html.spec.whatwg.org/multipage/syntax.html#void-elements */
const VOID = new Set(["meta"]);

function render(child: Child): string {
  if (child === undefined) return "";
  if (child instanceof Markup) return child.text;
  if (typeof child === "string") return escaped(child);
  return child.map(render).join("");
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
