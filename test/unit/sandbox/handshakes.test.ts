import { expect, test } from "vitest";
import { startHandshakes } from "../../../sandbox/client/handshakes.ts";

/** Nothing listens on port 0, so that every handshake fails at once. */
const nowhere = { proxy: "http://127.0.0.1:0", host: "vault.example.com", roots: "" };

test("each failure is told, and a wait ends when the witness is stopped", async () => {
  const witness = startHandshakes(nowhere);
  const wait = witness.more(1_000_000);
  await witness.more(3);
  const { made, failures } = await witness.stop();
  await wait;
  expect(made).toBe(0);
  expect(failures.length).toBeGreaterThanOrEqual(3);
});
