import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  certificateName,
  defaultServiceName,
  domainLabel,
  internalName,
  isCertificateName,
  loadBalancerName,
  NAMESPACE,
  ownerName,
  PORT_NAME,
  RECORD_COMMENT_MAX,
  recordComment,
  regionOf,
  SERVICE_NAME,
  tags,
} from "../../../config/naming.ts";

const owner = { project: "private-lb", stack: "prod" };

test.each([
  ["test.example.com", "example.com", "test"],
  ["a.b.example.com", "example.com", "a-b"],
  ["a.b.example.com", "b.example.com", "a"],
  ["example.com", "example.com", "example-com"],
])("the label of %s in %s is %s", (domain, zone, label) => {
  expect(domainLabel(domain, zone)).toBe(label);
});

test("names are made of environment and domain, without its zone", () => {
  expect(loadBalancerName("prod", "test.example.com", "example.com")).toBe("private-lb-prod-test");
  expect(defaultServiceName("test.example.com", "example.com")).toBe("test-lb-private");
  expect(internalName("private-lb-prod-test", "production")).toBe(
    "private-lb-prod-test.production.internal",
  );
});

test("a certificate's name says name, first day and the end of the serial", () => {
  const name = certificateName(
    "test.example.com",
    "2026-12-14T10:00:00.000Z",
    "3a0123456789abcdef",
  );
  expect(name).toBe("test.example.com-2026-12-14-89abcdef");
});

test.each([
  ["fr-par-1", "fr-par"],
  ["nl-ams-3", "nl-ams"],
])("%s lies in the region %s", (zone, region) => {
  expect(regionOf(zone)).toBe(region);
});

test("the owner is project and stack", () => {
  expect(ownerName(owner)).toBe("private-lb/prod");
});

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/);
const domains = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join("."));

describe("whatever the domain", () => {
  test("its label is one DNS label, and tells two domains without hyphens apart", () => {
    fc.assert(
      fc.property(domains, (domain) => {
        expect(domainLabel(`${domain}.example.com`, "example.com")).toMatch(/^[a-z0-9-]+$/);
      }),
    );
  });

  test("the tags' values are values that a Kubernetes label may have, as the CCM copies them to labels", () => {
    fc.assert(
      fc.property(domains, (domain) => {
        for (const tag of tags(owner, "prod", domain).filter((text) => text.length <= 63))
          expect(tag).toMatch(/^[a-z]+=[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/);
      }),
    );
  });

  test("a certificate of one domain is never taken for another's, also on a load balancer that they share", () => {
    fc.assert(
      fc.property(domains, domains, fc.constantFrom("", "-2026-12-14-89abcdef"), (a, b, end) => {
        const [mine, other] = [`${a}.example.com`, `${b}.example.com${end}`];
        const name = certificateName(other, "2026-12-14T00:00:00Z", "0123456789abcdef");
        expect(isCertificateName(other, name)).toBe(true);
        expect(isCertificateName(mine, name)).toBe(mine === other);
      }),
    );
  });

  test("a record's comment is as short as Cloudflare asks", () => {
    fc.assert(
      fc.property(domains, (domain) => {
        const comment = recordComment(owner, loadBalancerName("prod", domain, "com"));
        expect(comment.length).toBeLessThanOrEqual(RECORD_COMMENT_MAX);
      }),
    );
  });
});

test.each([
  [SERVICE_NAME, "test-lb-private", true],
  [SERVICE_NAME, "1password-lb-private", false],
  [SERVICE_NAME, "a".repeat(63), true],
  [SERVICE_NAME, "a".repeat(64), false],
  [NAMESPACE, "1st-tools", true],
  [NAMESPACE, "Ops", false],
  [PORT_NAME, "test", true],
  [PORT_NAME, "81", false],
  [PORT_NAME, "a--b", false],
  [PORT_NAME, "a".repeat(16), false],
])("%s takes %s: %s", (pattern, name, expected) => {
  expect(pattern.test(name)).toBe(expected);
});
