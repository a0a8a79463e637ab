import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { optionAnnotations } from "../../../components/ccmAnnotations.ts";
import { balancingShape } from "../../../config/balancing.ts";

const text = readFileSync("docs/load-balancer.md", "utf8");
const row = (name: string) =>
  text
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .join()
    .includes(`\`${name}\``);

/** Together they say all that a Service can. */
const said = [
  optionAnnotations({
    proxyProtocol: "v2",
    healthCheck: {
      ...{ type: "http", path: "/", method: "GET", code: 200 },
      ...{ delay: 1, timeout: 1, transientDelay: 1, maxRetries: 1 },
    },
    timeouts: { client: 1, server: 1, connect: 1, tunnel: 1 },
    connectionRateLimit: 1,
    accessLogs: true,
    stickySessions: "cookie",
    backendTls: "unverified",
  }),
  optionAnnotations({}),
];

test.each([...new Set(said.flatMap(Object.keys))])("the annotation %s has its option", (suffix) => {
  expect(row(suffix)).toBe(true);
});

test.each(Object.keys(balancingShape).filter((key) => !["healthCheck", "timeouts"].includes(key)))(
  "the option %s has its annotation or property",
  (option) => {
    expect(row(option)).toBe(true);
  },
);
