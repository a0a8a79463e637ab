/**
 * For the parser of stack files: hundreds of endpoints may share what is written once (`&selector`, `*selector`), which
 * the parser's own limit of 100 would refuse. A file that multiplies itself by aliases of aliases is refused still.
 */
export const MANY_ALIASES = { maxAliasCount: 100_000 } as const;
