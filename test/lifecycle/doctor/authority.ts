/** The clock, the ACME directory and CAA. */
import { generateKeyPairSync } from "node:crypto";
import { acmeCheck } from "../../../operate/doctor/checks/acme.ts";
import { caaCheck } from "../../../operate/doctor/checks/caa.ts";
import { clockCheck } from "../../../operate/doctor/checks/clock.ts";
import { directory, endpoint, record, type Trouble, ZONE } from "./ground.ts";

export const authorityTroubles: Trouble[] = [
  {
    title: "a clock that is behind by an hour",
    check: clockCheck,
    make: (given) => directory(given, { skew: 3600_000 }),
    level: "failed",
    says: /^(59|60) min behind the ACME server's$/,
    advises: /NTP/,
  },
  {
    title: "a clock that is ahead by a minute",
    check: clockCheck,
    make: (given) => directory(given, { skew: -60_000 }),
    level: "warning",
    says: /^6\d s ahead of/,
  },
  {
    title: "an account that the authority does not know",
    check: acmeCheck,
    make: (given) => {
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      given.deployed = ({ account }) => {
        if (account) account.keyPem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
      };
    },
    level: "failed",
    says: /accountDoesNotExist/,
    advises: /gone at this directory/,
  },
  {
    title: "a profile that the authority has not",
    check: acmeCheck,
    make: (given) => endpoint(given, { profile: "eternal" }),
    level: "failed",
    says: /no profile eternal, which well/,
    advises: /It has .*shortlived/,
  },
  {
    title: "an authority that wants an external account binding",
    check: acmeCheck,
    make: async (given) => {
      const close = await directory(given, { meta: { externalAccountRequired: true } });
      endpoint(given, { profile: undefined });
      return close;
    },
    level: "failed",
    says: /wants an external account binding/,
    advises: /acmeExternalAccountBinding/,
  },
  {
    title: "CAA records for another authority",
    check: caaCheck,
    make: async (given) => {
      const close = await directory(given, { meta: { caaIdentities: ["letsencrypt.org"] } });
      const remove = record("CAA", ZONE, '0 issue "other.test"');
      return () => [close(), remove()];
    },
    level: "failed",
    says: /of example\.net admit "other\.test" to certify well/,
    advises: /CAA 0 issue "letsencrypt\.org"/,
  },
  {
    title: "CAA records for another account",
    check: caaCheck,
    make: async (given) => {
      const close = await directory(given, { meta: { caaIdentities: ["letsencrypt.org"] } });
      const issue = "letsencrypt.org; accounturi=https://other.test/1; validationmethods=dns-01";
      const remove = record("CAA", ZONE, `0 issue "${issue}"`);
      return () => [close(), remove()];
    },
    level: "failed",
    says: /with another account or another method/,
  },
  {
    title: "CAA records before an authority that does not say its name",
    check: caaCheck,
    make: async (given) => {
      const close = await directory(given, {});
      const remove = record("CAA", ZONE, '0 issue "pebble.test"');
      return () => [close(), remove()];
    },
    level: "warning",
    says: /does not say what it is called there/,
  },
];
