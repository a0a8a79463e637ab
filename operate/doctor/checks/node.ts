import { type Check, failed, ok } from "../check.ts";

/** Node 22.18 is the first that strips types by itself: https://nodejs.org/api/typescript.html */
const LEAST = [22, 18];

export function nodeCheck(version: string = process.versions.node): Check<unknown> {
  return {
    title: "Node",
    async run() {
      const [major = 0, minor = 0] = version.split(".").map(Number);
      const [least = 0, leastMinor = 0] = LEAST;
      if (major > least || (major === least && minor >= leastMinor)) return [ok(version)];
      const advice = "Run `npm run setup`, which brings the Node of package-lock.json";
      return [failed(`${version}, which runs no TypeScript by itself`, advice)];
    },
  };
}
