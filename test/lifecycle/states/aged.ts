/** A state of another release, as if its release had made what is in a world of now. */
import type { ExportedState } from "../../../operate/stackRunner.ts";

type Json = Record<string, unknown>;

/** What each world makes anew: ids, addresses, dates, names of ports, PEM. Nothing that a release words by itself. */
const RANDOM =
  /-----BEGIN|[0-9a-f]{8}-[0-9a-f]{4}-|^[0-9a-f]{8,}$|127\.0\.0\.1:\d+|\b\d+\.\d+\.\d+\.\d+\b|^\d{4}-\d\d-\d\dT|-[0-9a-f]{8}$|ecdsa-sha2/;

/**
 * The fixture with what is random of today's world in the same places.
 *
 * @param fixture with its secrets in plain, as `now`: the state of the same stack by today's program
 */
export function aged(fixture: ExportedState, now: ExportedState): ExportedState {
  const of = ({ deployment }: ExportedState) => (deployment as { resources: Json[] }).resources;
  const today = new Map(of(now).map((resource) => [resource["urn"], resource]));
  const resources = of(fixture).map((old) => {
    const { provider, __provider, ...rest } = old;
    const known = today.get(old["urn"]) ?? {};
    const carried = carry(rest, known) as Json;
    // Provider resources have ids of their own, which are the state's alone.
    return isProvider(old) ? old : { ...carried, ...(provider !== undefined && { provider }) };
  });
  const deployment = { ...(fixture.deployment as Json), resources };
  return { ...fixture, deployment };
}

const isProvider = ({ type }: Json) => String(type).startsWith("pulumi:providers:");

/** What is in both, of `known` where it is random; all else of `old`. */
function carry(old: unknown, known: unknown): unknown {
  if (typeof old === "string" && typeof known === "string") return RANDOM.test(old) ? known : old;
  if (Array.isArray(old) && Array.isArray(known))
    return old.map((item, at) => carry(item, known[at]));
  if (!isObject(old) || !isObject(known)) return old;
  return Object.fromEntries(
    Object.entries(old).map(([key, value]) => [
      key,
      key === "__provider" ? value : carry(value, known[key]),
    ]),
  );
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
