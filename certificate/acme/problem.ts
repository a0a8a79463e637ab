import { printable } from "../../dynamic/answer.ts";

/** What an ACME server says when it refuses (RFC 8555, section 6.7; RFC 9457). */
export interface ProblemDocument {
  type?: string;
  detail?: string;
  subproblems?: { type?: string; detail?: string; identifier?: { value?: string } }[];
}

/** More than that of one refusal helps nobody. */
const MOST_PARTS = 100;

const prefix = "urn:ietf:params:acme:error:";

/** A refusal by the certificate authority, in its own words. */
export class AcmeProblem extends Error {
  override readonly name = "AcmeProblem";
  /** Without its prefix: `rateLimited`; empty when the answer was no problem document. */
  readonly type: string;
  /** HTTP status, 0 for a problem inside an order or a challenge. */
  readonly status: number;
  /** When the authority wants to be asked again; it is for a later run to respect it. */
  readonly retryAt: Date | undefined;

  constructor(
    document: unknown,
    { status = 0, retryAt }: { status?: number; retryAt?: Date } = {},
  ) {
    const problem = isObject(document) ? (document as ProblemDocument) : {};
    const type = text(problem.type).replace(prefix, "");
    super(describe(problem, type, status, document));
    this.type = type;
    this.status = status;
    this.retryAt = retryAt;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(
  problem: ProblemDocument,
  type: string,
  status: number,
  document: unknown,
): string {
  const code = [type, status > 0 ? String(status) : ""].filter(Boolean).join(", ");
  const detail = text(problem.detail) || (typeof document === "string" ? excerpt(document) : "");
  const parts = (Array.isArray(problem.subproblems) ? problem.subproblems : [])
    .filter(isObject)
    .slice(0, MOST_PARTS)
    .map((sub) => {
      const identifier = isObject(sub.identifier) ? text(sub.identifier["value"]) : "";
      return `${identifier}: ${text(sub.detail)} (${text(sub.type).replace(prefix, "")})`;
    });
  return [`${detail || "no detail given"} (${code || "no type given"})`, ...parts].join("; ");
}

function text(value: unknown): string {
  return typeof value === "string" ? printable(value).replaceAll(/\s+/g, " ").trim() : "";
}

function excerpt(value: string): string {
  return text(value).slice(0, 200);
}
