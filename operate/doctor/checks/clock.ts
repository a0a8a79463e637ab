import { duration } from "../../renew.ts";
import { type Check, failed, ok, warning } from "../check.ts";

/** ms. When to renew is decided by this machine's clock, and certificates and tokens are checked by it. */
const WARN = 30_000;
const FAIL = 5 * 60_000;

export const clockCheck: Check = {
  title: "Clock",
  async run({ acme }, signal) {
    await acme.directory(signal);
    const skew = acme.clockSkew;
    const seen = `${duration(Math.abs(skew))} ${skew > 0 ? "behind" : "ahead of"} the ACME server's`;
    const advice = "Synchronise it, by NTP or the hypervisor";
    if (Math.abs(skew) >= FAIL) return [failed(seen, advice)];
    if (Math.abs(skew) >= WARN) return [warning(seen, advice)];
    return [ok("as the ACME server's")];
  },
};
