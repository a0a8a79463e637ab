import * as pulumi from "@pulumi/pulumi";

/** What the SDK's types do not tell of its outputs. */
interface Internals<T> {
  promise(withUnknowns: true): Promise<T>;
  isKnown: Promise<boolean>;
  isSecret: Promise<boolean>;
}

type Constructor = new <T>(
  resources: Set<pulumi.Resource>,
  promise: Promise<T>,
  isKnown: Promise<boolean>,
  isSecret: Promise<boolean>,
) => pulumi.Output<T>;

/**
 * The same value, for a resource that waits for the resource which it is of by another way: by something that itself depends
 * on it. The state names every dependency twice, and each URN is as long as the types above it, so that what is implied
 * would be a good part of the state, and of the engine's work.
 */
export function implied<T>(value: pulumi.Output<T>): pulumi.Output<T> {
  const { promise, isKnown, isSecret } = value as unknown as Internals<T>;
  const Output = pulumi.Output as unknown as Constructor;
  return new Output(new Set(), promise(true), isKnown, isSecret);
}
