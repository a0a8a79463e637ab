import { describe, expect, test } from "vitest";
import { documents } from "../../documentation.ts";
import { mermaidFaults } from "./mermaid.ts";

const diagrams = documents().flatMap(({ file, text }) =>
  [...text.matchAll(/^```mermaid\n(.*?)^```$/gms)].map(([, diagram = ""], index) => ({
    name: `${file}, ${index + 1}`,
    diagram,
  })),
);

test("there are diagrams", () => {
  expect(diagrams.length).toBeGreaterThanOrEqual(7);
});

test.each(diagrams)("the diagram $name is Mermaid", ({ diagram }) => {
  expect(mermaidFaults(diagram)).toEqual([]);
});

describe("a diagram is refused", () => {
  test.each([
    ["of no known kind", 'flowchat TD\n  a["x"]', /begins with flowchat/],
    ["with a node that is nowhere defined", 'flowchart TD\n  a["x"] --> b', /b is not defined/],
    ["with a reserved word as a node", 'flowchart TD\n  end["x"]', /not understood: end/],
    ["with a text that is not ended", 'flowchart TD\n  a["x]', /not understood/],
    ["with an arrow that leads nowhere", 'flowchart TD\n  a["x"] -->', /not understood/],
    ["with an open box", 'flowchart TD\n  subgraph s["x"]\n    a["x"]', /an end too few/],
    ["with an end too many", 'flowchart TD\n  a["x"]\n  end', /an end too many/],
    ["with a stranger in a sequence", "sequenceDiagram\n  a->>b: hello", /a,b is not defined/],
    [
      "with what ends a message early",
      "sequenceDiagram\n  participant a as A\n  a->>a: one; two",
      /not understood/,
    ],
    ["with a state without a name", "stateDiagram-v2\n  valid --> : renew", /not understood/],
  ])("%s", (_, diagram, says) => {
    expect(mermaidFaults(diagram).join("\n")).toMatch(says);
  });
});
