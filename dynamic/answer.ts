/** What is kept of another side's answer: never more than fits, whatever it sends. */

/** Asking again would not make it shorter. */
export class TooLong extends Error {
  override readonly name = "TooLong";
}

/** The body, at most `most` bytes. @throws TooLong when it is longer: the rest is not read */
export async function bytesOf(answer: Response, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > most) throw new TooLong(`the answer has more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
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
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return short.replaceAll(/[^\P{Cc}\n\t]/gu, " ");
}
