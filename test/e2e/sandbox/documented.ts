/** How the documented commands are tested: here as a shell's input, or in a test of their own. */

export interface Typed {
  /** What is typed in place of it: a cheap variant, or one with its blanks filled in. @default the command */
  line?: string;
  /** @default 0 */
  code?: number;
  /** In what it prints. */
  says?: string;
}

/** Beside a running sandbox, in this order. */
export const beside: Record<string, Typed> = {
  "npm run sandbox -- up staging": { says: "https://test.example.net" },
  "npm run sandbox -- preview staging": { says: " unchanged in " },
  "npm run sandbox -- refresh staging": { says: "refresh staging: " },
  ". .sandbox/env": {},
  'curl --proxy "$PRIVATE_LB_PROXY_STAGING" https://test.example.net/': { says: "test" },
  'curl --proxy "$PRIVATE_LB_PROXY_PRODUCTION" https://test.example.net/': { code: 56 },
  "dig @${PRIVATE_LB_RESOLVER%:*} -p ${PRIVATE_LB_RESOLVER##*:} test.example.net": {
    says: "172.16.",
  },
  "kubectl --context staging get services --namespace ops-tools": { says: "test" },
  "npm run sandbox -- renew <stack>": {
    line: "npm run sandbox -- renew staging",
    says: "nothing due",
  },
  "npm run sandbox -- export staging --file state.json": {},
  // Of a fresh stack: the diagram is stale where this makes it anew.
  "npm run docs -- --state state.json": { says: "docs/architecture.md: as it was" },
  "npm run sandbox -- cancel staging": { says: "No run holds staging now." },
  "npm run sandbox -- import staging --file state.json": { says: "Import complete." },
};

/** After everything that is tested of what those have made. */
export const last: Record<string, Typed> = {
  "npm run sandbox -- destroy staging": { says: "destroy staging: " },
};

/** In the project's folder, whatever runs. */
export const alone: Record<string, Typed> = {
  "npm run setup": { says: "Dependencies are installed." },
  "npm run docs": { says: "docs/configuration.md: as it was" },
  "npm run sandbox -- faults": {
    line: "npm run sandbox -- faults --only orderNotReady",
    says: "certificates beyond need",
  },
  "npm run bench": { line: "npm run bench -- environments", says: "up of 4 endpoints" },
};

/** In a small project, whose checks are few. */
export const checks: Record<string, Typed> = {
  "npm test": { says: "Tests: 5 passed, 0 failed, 0 skipped" },
  "npm test -- FILE…": {
    line: "npm test -- test/lifecycle/one.test.ts",
    says: "Tests: 1 passed, 0 failed, 0 skipped",
  },
  "npm run test:quick": { says: "Tests: 2 passed, 0 failed, 0 skipped" },
  "npm run check": { says: "ok      Types" },
  "npm run format": { says: "Checked" },
};

const RECORD = "node test/conformance/record.ts";
const INTO = "< scenarios.jsonl >> test/conformance/recorded-more.jsonl";
const RECOVERY = "test/lifecycle/recovery.test.ts";
const RENEW = "test/unit/operate/command.test.ts";
const LEFTOVERS = "test/lifecycle/firstUp.test.ts";
const DOCTOR = "test/unit/operate/doctor.test.ts";
const ADOPT = "test/lifecycle/adopt.test.ts";
const STATUS = "test/unit/operate/status.test.ts";
const BENCH = "test/lifecycle/bench.test.ts";
const PROMTOOL = "test/e2e/clients/promtool.test.ts";
const WORKFLOWS = "test/unit/workflows/workflows.test.ts";
const CERTBOT = "test/e2e/clients/certbot.test.ts";

/** Which file tests the others. */
export const elsewhere: Record<string, string> = {
  "npm run sandbox": "test/e2e/sandbox/tour.test.ts",
  "npm run sandbox -- start": "test/e2e/sandbox/commandLine.test.ts",
  '(umask 077; echo "dns_cloudflare_api_token = $CLOUDFLARE_API_TOKEN" > .sandbox/cloudflare.ini)':
    CERTBOT,
  'certbot certonly --server "$ACME_DIRECTORY_URL" --dns-cloudflare --dns-cloudflare-credentials .sandbox/cloudflare.ini --config-dir .sandbox/certbot --work-dir .sandbox/certbot --logs-dir .sandbox/certbot --agree-tos --register-unsafely-without-email --domain by-hand.example.net':
    CERTBOT,
  "CONFORMANCE=all npm test": "test/conformance/recorded.test.ts",
  // On Pulumi's own engine.
  [`${RECORD} ${INTO}`]: "test/conformance/real.test.ts",
  "node test/lifecycle/states/record.ts 0.2.0": "test/lifecycle/olderStates.test.ts",
  "FUZZ=60 npm test": "test/unit/hostile/pem.test.ts",
  "KILLS=all npm test": "test/lifecycle/kills.test.ts",
  "npm run bench -- growth --sizes 1,10,50": BENCH,
  "npm run bench -- reliability": "test/lifecycle/reliability.test.ts",
  "npm run bench -- slow --sizes 1,20": BENCH,
  "npm run bench -- peers": "test/unit/peersReport.test.ts",
  "npm run bench -- spread": "test/unit/spread.test.ts",
  "npm run leftovers": LEFTOVERS,
  "npm run leftovers -- <stack>": LEFTOVERS,
  "npm run renew": RENEW,
  "npm run renew -- staging": RENEW,
  "npm run renew -- <stack>": RENEW,
  "npm run renew -- <stack> --metrics FILE": "test/e2e/sandbox/renew.test.ts",
  "promtool check rules docs/monitoring/alerts.yml": PROMTOOL,
  "promtool test rules docs/monitoring/alerts-test.yml": PROMTOOL,
  "npm audit": WORKFLOWS,
  "npm sbom": WORKFLOWS,
  "npm ci --ignore-scripts": "test/unit/scripts/supplyChain.test.ts",
  "npm run adopt": ADOPT,
  "npm run adopt -- staging": ADOPT,
  "npm run adopt -- <stack>": ADOPT,
  "npm run adopt -- <stack> --write": ADOPT,
  "npm run adopt -- <stack> --rename-frontends": ADOPT,
  "npm run adopt -- <stack> --lost-state": RECOVERY,
  "npm run sandbox -- adopt <stack>": ADOPT,
  "PRIVATE_LB_IMPORT=… npm run sandbox -- up <stack>": ADOPT,
  "export PRIVATE_LB_IMPORT=.adopt/<stack>.json": ADOPT,
  "pulumi preview --diff": ADOPT,
  "pulumi up": ADOPT,
  "unset PRIVATE_LB_IMPORT": ADOPT,
  "npm run doctor": DOCTOR,
  "npm run doctor -- mine": DOCTOR,
  "npm run doctor -- staging": DOCTOR,
  "npm run doctor -- <stack>": DOCTOR,
  "npm run sandbox -- doctor <stack>": "test/e2e/sandbox/commandLine.test.ts",
  "npm run status": STATUS,
  "npm run status -- staging prod": STATUS,
  "npm run status -- <stack>...": STATUS,
  "npm run sandbox -- status <stack>...": "test/e2e/sandbox/commandLine.test.ts",
  "npm run sandbox -- soak": "test/lifecycle/soak.test.ts",
};
