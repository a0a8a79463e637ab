import { describe, expect, test } from "vitest";
import { beyondRenewal } from "../../../operate/renewalGuard.ts";
import type { FinishedStep } from "../../../operate/stackRunner.ts";
import recorded from "./recorded-previews.json" with { type: "json" };
import { renewalSteps, step } from "./steps.ts";

const ANNOTATIONS = "metadata.annotations";
const CCM = "service.beta.kubernetes.io/scw-loadbalancer-";

describe("what the guard lets through", () => {
  const cases: [what: string, steps: FinishedStep[]][] = [
    ["nothing", []],
    ["a stack that stays as it is", [step("same", "record"), step("same", "balancer")]],
    ["a renewal", renewalSteps()],
    ["two at once", [...renewalSteps("a.example.com"), ...renewalSteps("b.example.com")]],
    ["one that is due by the clock alone", [step("update", "certificate")]],
    [
      "the rest of a renewal that was interrupted after the certificate was issued",
      [step("same", "certificate"), ...renewalSteps().slice(3)],
    ],
    [
      "the old certificate that an earlier run has left for deletion",
      [step("same", "certificate"), step("delete-replaced", "onBalancer")],
    ],
    [
      "a load balancer certificate that was deleted by hand, or for it could not be loaded",
      [
        step("same", "certificate"),
        step("create", "onBalancer", ["name", "customCertificate"]),
        ...renewalSteps().filter(({ type }) => /Service|FrontendCertificate/.test(type)),
      ],
    ],
    [
      "a frontend that has lost its certificate",
      [step("same", "certificate"), step("update", "barrier", ["status"])],
    ],
    [
      "the revocation that an earlier run has left to do",
      [step("same", "certificate"), step("create", "revocation"), step("update", "revocation")],
    ],
    ["a default provider", [{ ...step("create", "record"), internal: true }]],
  ];
  test.each(cases)("%s", (_, steps) => {
    expect(beyondRenewal(steps)).toEqual([]);
  });
});

/** Recorded from the Automation API on Pulumi 3.260, the clouds being the sandbox's. */
describe("what Pulumi itself previews", () => {
  // What stays the same is not in the recording; of these the guard asks for the certificate.
  const same = step("same", "certificate", [], "test.example.com");
  const previews = Object.entries(recorded).map(
    ([what, steps]) => [what, [same, ...(steps as unknown as FinishedStep[])]] as const,
  );
  test.each(previews)("of a %s is let through", (_, steps) => {
    expect(steps.filter(({ op }) => op !== "same").length).toBeGreaterThan(0);
    expect(beyondRenewal(steps)).toEqual([]);
  });

  test.each(previews)("of a %s is refused with any other property in it", (_, steps) => {
    for (const [index, changed] of steps.entries()) {
      const other = { path: "other", old: "before", new: "after" };
      const more = { ...changed, changes: [...changed.changes, other] };
      if (changed.op !== "same" && changed.op !== "delete-replaced")
        expect(beyondRenewal(steps.with(index, more))).toEqual([more]);
    }
  });
});

describe("what the guard refuses beside a renewal", () => {
  const cases: [what: string, refused: FinishedStep][] = [
    ["a new record", step("create", "record")],
    ["a record that changes", step("update", "record", ["content"])],
    ["anything that is deleted", step("delete", "balancer")],
    ["a load balancer that is replaced", step("replace", "balancer", ["zone"])],
    [
      "an own certificate's, which no authority has issued",
      step("create", "onBalancer", [], "own.example.com"),
    ],
    ["a new endpoint's certificate", step("create", "certificate", [], "new.example.com")],
    ["a certificate that is deleted", step("delete", "certificate", [], "old.example.com")],
    ["other names", step("update", "certificate", ["names[1]", "status"])],
    ["another key type", step("update", "certificate", ["keyType"])],
    ["a certificate on another load balancer", step("replace", "onBalancer", ["lbId", "name"])],
    ["a certificate that leaves the balancer for good", step("delete", "onBalancer")],
    ["a Service's port", step("update", "service", ["spec.ports[0].port"])],
    ["a Service's other annotation", step("update", "service", [`${ANNOTATIONS}["${CCM}zone"]`])],
    ["all annotations at once", step("update", "service", [ANNOTATIONS])],
    ["a Service that changes in what is not shown", step("update", "service", [])],
    ["a Service that is made anew", step("create", "service")],
    ["a barrier that is to look elsewhere", step("update", "barrier", ["address", "status"])],
    ["a revocation that is given up", step("delete", "revocation")],
    ["a leak that is told", step("update", "certificate", ["renewalTrigger", "status"])],
    ["a barrier that goes", step("delete", "barrier")],
    ["an operation that it does not know", { ...step("same", "record"), op: "explode" as "same" }],
  ];
  test.each(cases)("%s", (_, refused) => {
    expect(beyondRenewal([...renewalSteps(), refused])).toEqual([refused]);
  });

  test("a certificate of one's own that is exchanged: no ACME certificate has its name", () => {
    const exchanged = renewalSteps().filter(({ type }) => !type.includes("acme:Certificate"));
    expect(beyondRenewal(exchanged).map(({ op }) => op)).toEqual([
      "create-replacement",
      "replace",
      "update",
      "update",
      "delete-replaced",
    ]);
  });
});
