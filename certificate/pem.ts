/**
 * PEM as files and answers have it (RFC 7468, section 2): text between blocks, CRLF and indentation are let pass;
 * what is cut off or is no certificate is refused by name. In time linear to the text, whoever wrote it.
 */
import { X509Certificate } from "node:crypto";

export interface PemBlock {
  /** `CERTIFICATE`, `EC PRIVATE KEY` */
  label: string;
  /** Alone, each line ended by a line feed. */
  pem: string;
}

const MARKER = /^-----(BEGIN|END) ([A-Z0-9 ]{1,40})-----$/;
const IS_MARKED = /-----(?:BEGIN|END) /;

/**
 * The blocks of a text, in order. What is in them is not looked at.
 *
 * @throws Error naming the line, and nothing else of the text, for a block that is torn
 */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { label: string; at: number; lines: string[] } | undefined;
  for (const [index, raw] of text.split(/\r\n|[\r\n]/).entries()) {
    const [line, at] = [raw.trim(), index + 1];
    const [, side, label = ""] = MARKER.exec(line) ?? [];
    if (side === undefined && IS_MARKED.test(line))
      throw new Error(`line ${at} has other text beside the line that begins or ends a block`);
    if (side === "BEGIN") {
      if (open) throw unended(open);
      open = { label, at, lines: [line] };
    } else if (side === "END") {
      if (open?.label !== label)
        throw new Error(`line ${at} ends a ${label} block that does not begin`);
      blocks.push({ label, pem: [...open.lines, line, ""].join("\n") });
      open = undefined;
    } else open?.lines.push(line);
  }
  if (open) throw unended(open);
  return blocks;
}

/**
 * The certificates of a text, in order; none is an empty list.
 *
 * @throws Error naming what cannot be read, or is a block of another kind, as a private key
 */
export function certificatesOf(text: string): X509Certificate[] {
  const blocks = pemBlocks(text);
  const other = blocks.find(({ label }) => label !== "CERTIFICATE");
  if (other) throw new Error(`it holds a ${other.label} block beside certificates`);
  return blocks.map(({ pem }, index) => {
    try {
      return new X509Certificate(pem);
    } catch (error) {
      throw new Error(`certificate ${index + 1} in it cannot be read: ${(error as Error).message}`);
    }
  });
}

/** The first block of a chain; undefined where there is none. */
export function leafOf(chainPem: string | undefined): string | undefined {
  return pemBlocks(chainPem ?? "")[0]?.pem;
}

function unended({ label, at }: { label: string; at: number }): Error {
  return new Error(`the ${label} block that begins at line ${at} does not end`);
}
