/**
 * s. A certificate is made about the middle of one run and replaced towards the end of the next, so that it lives
 * through one and a half of them: of 8 s each where nothing else runs, of 40 s beside other test suites on two cores.
 */
export const LIFETIME = 75;
