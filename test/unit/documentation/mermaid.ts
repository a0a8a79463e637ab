/**
 * Whether a diagram keeps to the part of Mermaid that this project writes: https://mermaid.js.org/intro/. Mermaid's own
 * parser comes with 26 MB of what draws; this one refuses more, and a blank page is what it is to prevent.
 */

/** @returns what is wrong, each with its line; nothing for a good diagram */
export function mermaidFaults(diagram: string): string[] {
  const [header = "", ...lines] = diagram.trimEnd().split("\n");
  const kind = KINDS.find((each) => each.header.test(header));
  return kind ? judge(kind, lines) : [`no diagram that is known here begins with ${header}`];
}

interface Kind {
  header: RegExp;
  /** Begins what `end` ends. */
  block: RegExp;
  /** Names what may be used. */
  defines: RegExp[];
  /** What else may stand in a line; its groups are uses. */
  uses: RegExp[];
}

const ID = String.raw`(?!(?:end|graph|subgraph|style|click|class|default)\b)[A-Za-z]\w*`;
const TEXT = `"[^"]+"`;
const NODE = String.raw`${ID}(?:\[${TEXT}\]|\{${TEXT}\})?`;
const ARROW = String.raw`(?:-->|-- (?:${TEXT}|\w+) -->|-\. ${TEXT} \.->|-\. ${TEXT} \.-x)`;
const SAID = "[^;#\n]+";

const KINDS: Kind[] = [
  {
    header: /^flowchart (TD|LR)$/,
    block: new RegExp(`^subgraph (${ID})\\[${TEXT}\\]$`),
    defines: [new RegExp(`(${ID})(?:\\[${TEXT}\\]|\\{${TEXT}\\})`, "g")],
    uses: [
      new RegExp(`^(${NODE})$`),
      new RegExp(`^(${NODE}) ${ARROW} (${NODE})(?: ${ARROW} (${NODE}))?$`),
    ],
  },
  {
    header: /^sequenceDiagram$/,
    block: new RegExp(`^(?:loop|opt|alt) ${SAID}$`),
    defines: [new RegExp(`^participant (${ID}) as ${SAID}$`, "g")],
    uses: [
      new RegExp(`^participant (${ID}) as ${SAID}$`),
      new RegExp(`^(${ID})--?>>(${ID}): ${SAID}$`),
      new RegExp(`^Note over (${ID})(?:,(${ID}))?: ${SAID}$`),
    ],
  },
  {
    header: /^stateDiagram-v2$/,
    block: /^never$/,
    // A state needs no definition.
    defines: [new RegExp(`(${ID})`, "g")],
    uses: [
      new RegExp(`^(?:\\[\\*\\]|(${ID})) --> (?:\\[\\*\\]|(${ID}))(?:: ${SAID})?$`),
      new RegExp(`^state ${TEXT} as (${ID})$`),
    ],
  },
];

function judge({ block, defines, uses }: Kind, lines: string[]): string[] {
  const all = lines.map((line) => line.trim()).filter(Boolean);
  const defined = new Set(
    all.flatMap((line) =>
      defines.flatMap((pattern) => [...line.matchAll(pattern)].map(([, id]) => id)),
    ),
  );
  const faults: string[] = [];
  let open = 0;
  for (const line of all) {
    if (block.test(line)) open++;
    else if (line === "end") open--;
    else {
      const found = uses.map((pattern) => pattern.exec(line)).find(Boolean);
      if (!found) faults.push(`not understood: ${line}`);
      const used = (found?.slice(1) ?? []).flatMap((each) => each?.match(/^\w+/)?.[0] ?? []);
      const unknown = used.filter((id) => !defined.has(id));
      if (unknown.length > 0) faults.push(`${unknown.join()} is not defined: ${line}`);
    }
    if (open < 0) faults.push("an end too many");
  }
  if (open > 0) faults.push("an end too few");
  return faults;
}
