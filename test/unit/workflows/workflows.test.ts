import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

interface Step {
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, unknown>;
}
interface Concurrency {
  group: string;
  "cancel-in-progress": boolean;
}
interface Job {
  permissions?: Record<string, string>;
  environment?: string;
  concurrency?: Concurrency;
  strategy?: { matrix: { stack: string[] } };
  "timeout-minutes"?: number;
  steps: Step[];
}
interface Workflow {
  on: Record<string, unknown>;
  permissions?: unknown;
  concurrency?: Concurrency;
  jobs: Record<string, Job>;
}

const folder = ".github/workflows";
const prepare = ".github/actions/prepare/action.yml";
const workflows = Object.fromEntries(
  readdirSync(path.join(root, folder)).map((file) => [
    file,
    parse(read(path.join(folder, file))) as Workflow,
  ]),
);
const files = [...Object.keys(workflows).map((file) => path.join(folder, file)), prepare];
const jobs = Object.entries(workflows).flatMap(([file, { jobs }]) =>
  Object.entries(jobs).map(([name, job]) => ({ title: `${file}: ${name}`, job })),
);
const action = parse(read(prepare)) as { runs: { steps: Step[] } };
const commands = [...jobs.flatMap(({ job }) => job.steps), ...action.runs.steps].flatMap(
  ({ run }) => run ?? [],
);

const gitlabText = /```yaml\n([\s\S]*?)```/.exec(read("docs/ci-gitlab.md"))?.[1] ?? "";
const gitlab = parse(gitlabText) as Record<
  string,
  {
    image?: string;
    before_script?: string[];
    script?: string[];
    after_script?: string[];
    resource_group?: string;
    interruptible?: boolean;
  }
>;
const gitlabCommands = Object.values(gitlab).flatMap(
  ({ before_script = [], script = [], after_script = [] }) => [
    ...before_script,
    ...script,
    ...after_script,
  ],
);

test("there are workflows for preview, release, renewal and up", () => {
  const names = ["preview.yml", "release.yml", "renew.yml", "up.yml"];
  expect(Object.keys(workflows).sort()).toEqual(names);
});

describe("every action", () => {
  test.each(files)("of %s is pinned to a commit, with its version in a comment", (file) => {
    const uses = read(file)
      .split("\n")
      .filter((line) => /^\s*(- )?uses:/.test(line) && !line.includes("uses: ./"));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses)
      expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("is the same commit of the same version everywhere", () => {
    const pins = files.flatMap((file) => [...read(file).matchAll(/uses: ([\w-]+\/[\w-]+)@(\S+)/g)]);
    const commits = Map.groupBy(pins, ([, name]) => name);
    for (const found of commits.values())
      expect(new Set(found.map(([, , pin]) => pin)).size).toBe(1);
  });
});

describe("every job", () => {
  test.each(jobs)("$title ends by itself and says what it may do", ({ job }) => {
    expect(job["timeout-minutes"]).toBeLessThanOrEqual(60);
    expect(job.permissions).toBeDefined();
  });

  test("begins with no permission, and none that runs the project may write", () => {
    for (const { permissions } of Object.values(workflows)) expect(permissions).toEqual({});
    for (const { job } of jobs.filter(({ job }) => job.steps.some(({ uses }) => uses)))
      expect(job.permissions).toEqual({ contents: "read" });
  });

  test("of a matrix names stacks that have a file", () => {
    for (const { job } of jobs)
      for (const stack of job.strategy?.matrix.stack ?? [])
        expect(existsSync(path.join(root, `Pulumi.${stack}.yaml`)), stack).toBe(true);
  });

  test("that changes a stack is never ended half-way, has an environment, and waits for no other job's reviewers", () => {
    const changing = jobs.filter(({ job }) =>
      job.steps.some(({ run = "" }) => /pulumi up|npm run .*renew/.test(run)),
    );
    expect(changing.map(({ title }) => title)).toEqual(["renew.yml: renew", "up.yml: up"]);
    for (const { job, title } of changing) {
      expect(job.concurrency).toEqual({
        group: `${title.split(": ")[1]}-\${{ matrix.stack }}`,
        "cancel-in-progress": false,
      });
      expect(job.environment).toContain("matrix.stack");
    }
  });

  test("that checks out leaves no token behind", () => {
    const checkouts = jobs
      .flatMap(({ job }) => job.steps)
      .filter(({ uses = "" }) => uses.startsWith("actions/checkout@"));
    expect(checkouts).toHaveLength(4);
    for (const step of checkouts) expect(step.with).toMatchObject({ "persist-credentials": false });
  });
});

describe("what is run", () => {
  test("has values only by the environment, so that none is code", () => {
    for (const run of commands) expect(run).not.toContain("$" + "{{");
  });

  test("prints no secret", () => {
    const secret =
      /(echo|printf|printenv)[^\n|>]*\$\{?\w*(TOKEN|KEY|PASSPHRASE|KUBECONFIG|CONTENT)\b/;
    for (const run of [...commands, ...gitlabCommands]) {
      const withoutHeader = run.replaceAll(/@<\(printf [^)]*\)/g, "");
      expect(withoutHeader).not.toMatch(secret);
      expect(run).not.toMatch(/set -[a-z]*x|printenv|^\s*env\s*$/m);
    }
  });

  test("are scripts that the project has", () => {
    const names = [...commands, ...gitlabCommands].flatMap((run) =>
      [...run.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name = ""]) => name),
    );
    expect(names).toContain("renew");
    for (const name of names) expect(Object.keys(scripts)).toContain(name);
  });

  test("keeps the exit code of what it pipes into a file", () => {
    const piped = jobs
      .flatMap(({ job }) => job.steps)
      .filter(({ run = "" }) => run.includes("| tee"));
    expect(piped).toHaveLength(2);
    for (const step of piped) expect(step).toMatchObject({ shell: "bash" });
    for (const { script = [] } of Object.values(gitlab))
      if (script.some((line) => line.includes("| tee")))
        expect(script).toContain("set -o pipefail");
  });
});

describe("the renewal's schedule", () => {
  test("is off the full hour", () => {
    const schedule = workflows["renew.yml"]?.on["schedule"] as { cron: string }[];
    for (const { cron } of schedule) expect(Number(cron.split(" ")[0]) % 2).toBe(1);
  });

  test("keeps the report also of a failure, and tells of whatever is no success", () => {
    const found: Record<string, Job> = workflows["renew.yml"]?.jobs ?? {};
    expect(found["renew"]?.steps.at(-1)).toMatchObject({ if: "always()" });
    expect(found["tell"]).toMatchObject({
      needs: "renew",
      if: "always() && needs.renew.result != 'success'",
    });
    expect(found["tell"]?.permissions).toEqual({ issues: "write" });
  });
});

test("on GitLab the image and the archive of Pulumi are what was looked at", () => {
  const { image, before_script: setUp = [] } = gitlab["default"] ?? {};
  // A variable that holds a digest, as the text says.
  expect(image).toBe("$NODE_IMAGE");
  expect(setUp.filter((line) => /\|\s*(ba)?sh\b/.test(line))).toEqual([]);
  const fetched = setUp.findIndex((line) => line.startsWith("curl "));
  expect(setUp[fetched + 1]).toContain("sha256sum --check");
});

test("on GitLab what changes a stack shares one queue for it", () => {
  for (const name of ["up", "renew"])
    expect(gitlab[name]).toMatchObject({ resource_group: "stack-$STACK", interruptible: false });
});

describe("a release", () => {
  const { list, publish } = workflows["release.yml"]?.jobs ?? {};

  test("is made of a tag, and stopped by a known vulnerability in what a run loads", () => {
    expect(workflows["release.yml"]?.on).toEqual({ push: { tags: ["v*"] } });
    expect(list?.steps.map(({ run }) => run)).toContain("npm audit --omit=dev --audit-level=high");
    expect(publish).toMatchObject({ needs: "list" });
  });

  test("has the list of all that it depends on", () => {
    const made = list?.steps.find(({ run = "" }) => run.startsWith("npm sbom"));
    expect(made?.run).toContain("> sbom.cdx.json");
    expect(list?.steps.at(-1)?.with).toMatchObject({ path: "sbom.cdx.json" });
    expect(publish?.steps[0]?.run).toMatch(/gh release create .* sbom\.cdx\.json/);
  });
});
