/** What Pulumi sends in a preview for a value that it cannot know yet (`runtime/rpc.js` of its SDK). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isKnown(value: unknown): boolean {
  return value !== UNKNOWN;
}
