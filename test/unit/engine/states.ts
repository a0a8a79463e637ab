/** States for the tests of the engine. */
import { emptyState, type ResourceState } from "../../../sandbox/engine/state.ts";

export const urnOf = (name: string) => `urn:pulumi:dev::shop::my:index:Thing::${name}`;

export const state = (name: string, more: Partial<ResourceState> = {}): ResourceState => ({
  ...emptyState,
  urn: urnOf(name),
  type: "my:index:Thing",
  id: `${name}-id`,
  ...more,
});
