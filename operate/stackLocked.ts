/** What a runner throws when another run holds the stack, whichever engine it is. */

export interface LockOwner {
  /** `user@host` */
  owner: string;
  /** When it was taken; undefined where the engine does not say. */
  since?: Date | undefined;
  /** Whether the process that took it lives; undefined where that cannot be told, as from another machine. */
  alive?: boolean | undefined;
}

export class StackLockedError extends Error {
  readonly lock: LockOwner;
  constructor(message: string, lock: LockOwner) {
    super(message);
    this.name = "StackLockedError";
    this.lock = lock;
  }
}
