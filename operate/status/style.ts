/** Light, dark where the reader wants it, and on paper. Colour never says anything alone: there is a word beside it. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --back: #fff; --fore: #1b1f24; --soft: #57606a; --line: #c8d0d8; --panel: #f6f8fa;
  --good: #1a7f37; --attention: #9a6700; --urgent: #c4212c; --none: #57606a;
  --n0: #0957c8; --n1: #8430c9; --n2: #0d7d76; --n3: #b04c00; --n4: #b01f74; --n5: #4f6a00; --n6: #7a4b2b; --n7: #3d4bb0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0f1318; --fore: #e6ebf0; --soft: #9aa5b1; --line: #3a434d; --panel: #181e25;
    --good: #4ac26b; --attention: #d9a520; --urgent: #ff6b6b; --none: #9aa5b1;
    --n0: #6aa8ff; --n1: #c893ff; --n2: #45cfc4; --n3: #ff9d57; --n4: #ff85c5; --n5: #b3d14a; --n6: #d8a883; --n7: #a3b0ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem; max-width: 68rem; background: var(--back); color: var(--fore);
  font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { margin: 0; font-size: 1.75rem; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.25rem; }
header p { margin: .25rem 0 1.5rem; color: var(--soft); }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .5rem; }
th, td { padding: .45rem .75rem .45rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; white-space: nowrap; }
.number { text-align: right; padding-right: 1.5rem; font-variant-numeric: tabular-nums; }
thead th:nth-child(3) { text-align: right; padding-right: 1.5rem; }
.badge { display: inline-block; padding: 0 .5em; border: 1px solid; border-radius: 1em; font-size: .8em; font-weight: 600; }
.badge.good { color: var(--good); } .badge.attention { color: var(--attention); }
.badge.urgent { color: var(--urgent); } .badge.none { color: var(--none); }
.date { white-space: nowrap; }
.legend { margin: 1.25rem 0 0; color: var(--soft); font-size: .85rem; }
.error { color: var(--urgent); }
figure { margin: 0; }
svg { display: block; width: 100%; min-width: 46rem; height: auto; font-family: inherit; }
svg text { fill: var(--fore); font-size: 13px; }
svg .heading, svg .small { fill: var(--soft); font-size: 12px; }
svg .name { font-size: 14px; font-weight: 600; }
svg .mono { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 12.5px; }
svg .end { text-anchor: end; }
svg rect { fill: var(--panel); stroke: var(--line); }
svg .way { fill: none; stroke: var(--network); stroke-width: 2.5; }
svg .inner { stroke: var(--line); }
svg .network { stroke: var(--network); stroke-width: 2; }
svg .dot { fill: var(--network); }
svg .nobody { fill: none; stroke-dasharray: 4 4; }
svg .blocked { fill: none; stroke: var(--soft); stroke-width: 2; }
.network-0 { --network: var(--n0); } .network-1 { --network: var(--n1); } .network-2 { --network: var(--n2); }
.network-3 { --network: var(--n3); } .network-4 { --network: var(--n4); } .network-5 { --network: var(--n5); }
.network-6 { --network: var(--n6); } .network-7 { --network: var(--n7); }
svg .way.network-1 { stroke-dasharray: 8 4; } svg .way.network-2 { stroke-dasharray: 2 4; }
svg .way.network-3 { stroke-dasharray: 12 4 2 4; } svg .way.network-4 { stroke-dasharray: 5 5; }
svg .way.network-5 { stroke-dasharray: 14 6; }
svg .way.network-6 { stroke-dasharray: 1 3; } svg .way.network-7 { stroke-dasharray: 10 3 2 3 2 3; }
svg .life { fill: var(--back); stroke: var(--line); }
svg .used { stroke: none; fill: var(--health); }
svg .due { stroke: var(--fore); stroke-width: 2; }
.certificate.good { --health: var(--good); } .certificate.attention { --health: var(--attention); }
.certificate.urgent { --health: var(--urgent); } .certificate.none { --health: var(--none); }
@media print {
  :root { color-scheme: light; --back: #fff; --fore: #000; --soft: #333; --line: #888; --panel: #fff;
    --good: #1a7f37; --attention: #9a6700; --urgent: #c4212c; --none: #333;
    --n0: #0957c8; --n1: #8430c9; --n2: #0d7d76; --n3: #b04c00; --n4: #b01f74; --n5: #4f6a00; --n6: #7a4b2b; --n7: #3d4bb0; }
  body { max-width: none; padding: 0; font-size: 11pt; }
  .wide { overflow: visible; } svg { min-width: 0; }
  svg *, .badge { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  section { break-inside: avoid; } tr { break-inside: avoid; }
}
`;
