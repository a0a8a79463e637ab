/** The figures of `profile` as tables: a timeline, and what each process spends its time on. */
import type { PreviewProfile } from "./previewProfile.ts";
import { markdownTable, type Report } from "./report.ts";

/** What was found by such profiles, and what became of it. The seconds are of the processor, of 50 endpoints. */
const FINDINGS = [
  [
    "A stack trace for each of the fifty promises of a resource",
    "left out, unless PULUMI_DEBUG_PROMISE_LEAKS asks for them (`components/sdkCosts.ts`): with the next two 3 s of the program's 6.4, and 45 MB",
  ],
  [
    "A call to the engine for each debug message, 3,300 of them one after the other, with all properties of a resource",
    "what is said during one call goes with the next, and of a message its beginning: 1 s of the engine's 2.4, too",
  ],
  [
    "Closure serialisation: the TypeScript compiler and a debugger, to make 2.2 kB of text of a provider's functions",
    "the text is a line written by hand (`dynamic/shim.ts`): half a second of every run, and 12 kB of state an endpoint",
  ],
  [
    "Every stack trace mapped to sources",
    "not mapped: Node strips types in place, and positions hold (`components/sdkCosts.ts`): half of the program",
  ],
  [
    "Program load: the package manager and the compiler in Pulumi's SDK, the clients of the vendors, barrels of resources",
    "loaded where they are used (`sandbox/engine/preload.ts`, `components/inventory.ts`); resources are imported by their own files; compiled code is cached",
  ],
  [
    "Provider start",
    "beside the program's own, at the first resource; what issues a certificate is loaded where one is issued",
  ],
  [
    "Garbage: nearly all that a program of hundreds of resources makes lives as long as itself, and was copied again and again",
    "room for it from 5,000 characters of configuration on (`sandbox/engine/heap.ts`): a fifth of the program's time with 200 endpoints",
  ],
  [
    "RPC and its messages, the promises of Pulumi's outputs, and the garbage of both",
    "what is left: some 16 resources an endpoint, each registered, checked and compared by calls of its own",
  ],
];

/** Less than this is not shown. */
const LEAST = 0.02;

export function previewReport(profiles: PreviewProfile[]): Report {
  const sizes = profiles.map(({ endpoints }) => `${endpoints}`);
  const of = (value: (profile: PreviewProfile) => number) =>
    profiles.map((profile) => value(profile).toFixed(2));
  const timeline = markdownTable(
    ["endpoints", ...sizes],
    [
      ["the preview, s", ...of(({ seconds }) => seconds)],
      ["sampled, s", ...of(({ sampledSeconds }) => sampledSeconds)],
      ["until the first resource", ...of(({ firstStep }) => firstStep)],
      ["until the last resource is done", ...of(({ lastStep }) => lastStep)],
      ["until all have ended", ...of(({ sampledSeconds, lastStep }) => sampledSeconds - lastStep)],
    ],
  );
  const names = [...new Set(profiles.flatMap(({ processes }) => processes.map((p) => p.name)))];
  const sections = names.map((name) => {
    const found = profiles.map(({ processes }) => processes.find((each) => each.name === name));
    const kinds = [...new Set(found.flatMap((each) => each?.shares.map(({ what }) => what) ?? []))];
    const rows = kinds
      .map((what) => found.map((each) => each?.shares.find((s) => s.what === what)?.seconds ?? 0))
      .map((values, i) => ({ what: kinds[i] ?? "", values }))
      .filter(({ values }) => values.some((value) => value >= LEAST))
      .map(({ what, values }) => [what, ...values.map((value) => value.toFixed(2))]);
    return `## ${name}\n\n${markdownTable(["seconds, sampled", ...sizes], rows)}`;
  });
  const findings = FINDINGS.map(([found, done]) => `- ${found}: ${done}.`);
  const done = ["## What was found, and what was done about it", "", ...findings].join("\n");
  return { text: [timeline, ...sections, done].join("\n\n"), data: profiles };
}
