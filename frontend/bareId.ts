/** The UUID of `fr-par-1/<uuid>`, which is how the Pulumi provider writes ids, or of the bare id itself. */
export function bareId(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
