/**
 * Properties try the same inputs in every `npm test`: a rare counterexample is for FUZZ to find, not for a run that is about
 * something else. FUZZ, and FUZZ_SEED for those over hostile input, try others.
 */
import fc from "fast-check";

const { FUZZ, FUZZ_SEED } = process.env;

if (FUZZ === undefined && FUZZ_SEED === undefined) fc.configureGlobal({ seed: 20_261_121 });
