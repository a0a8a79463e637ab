/** The figures of `profile` as tables: a timeline, and what each process spends its time on. */
import type { PreviewProfile } from "./previewProfile.ts";
import { markdownTable, type Report } from "./report.ts";

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
  return { text: [timeline, ...sections].join("\n\n"), data: profiles };
}
