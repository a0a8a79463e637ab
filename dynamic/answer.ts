/** What is kept of another side's answer: never more than fits, whatever it sends. */

/** Asking again would not make it shorter. */
export class TooLong extends Error {
  override readonly name = "TooLong";
}

/** The body, at most `most` bytes. @throws TooLong when it is longer: the rest is not read */
export async function bytesOf(
  answer: { body: ReadableStream<Uint8Array> | null },
  most: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > most) throw new TooLong(`the answer has more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @throws Error naming the path where it is no JSON, by its type or by what it holds */
export function json(
  text: string,
  contentType: string | null | undefined,
  pathname: string,
): unknown {
  if (!/^application\/json\b/i.test(contentType ?? ""))
    throw new Error(`${pathname} answered with ${contentType || "no content type"}, not with JSON`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${pathname} answered with broken JSON`);
  }
}

/** The host that an answer redirects to; undefined for any other answer. No API that is asked here redirects. */
export function redirectOf({ status, headers }: Response): string | undefined {
  if (status < 300 || status > 399) return undefined;
  const to = headers.get("location") ?? "";
  return URL.canParse(to) ? new URL(to).host : "an unnamed place";
}

const LONGEST = 2000;

/** Another side's words as they may be shown and kept: no control characters but line ends and tabs, not too long. */
export function printable(text: string): string {
  return plain(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}

/** The same of any length: a terminal obeys other control characters. */
export const plain = (text: string): string => text.replaceAll(/[^\P{Cc}\n\t]/gu, " ");
