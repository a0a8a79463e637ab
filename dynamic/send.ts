import { notOrphaned } from "./interrupt.ts";

/** `fetch`, but for a provider whose engine was killed: it asks for nothing more. */
export const send: typeof fetch = async (...request) => {
  await notOrphaned();
  return fetch(...request);
};
