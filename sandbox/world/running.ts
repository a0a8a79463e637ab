/** Whether a sandbox runs behind an env file, as one that was killed leaves its file behind. */
import { type Env, readEnvFile } from "./envFile.ts";

/** For an answer on loopback, ms. */
const PATIENCE = 5_000;

/**
 * The variables of the sandbox that runs now, or undefined when none does. Its API is asked with its token: a
 * process id or a port may by now belong to something else.
 * @throws Error when something accepts the call and does not answer: a suspended sandbox
 */
export async function runningSandbox(file: string, patience = PATIENCE): Promise<Env | undefined> {
  const env = readEnvFile(file);
  const { CLOUDFLARE_BASE_URL: url, CLOUDFLARE_API_TOKEN: token } = env ?? {};
  if (!url || !token) return undefined;
  try {
    const { ok } = await fetch(`${url}/user/tokens/verify`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(patience),
    });
    return ok ? env : undefined;
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "TimeoutError") return undefined;
    throw new Error(
      `The sandbox of ${file} does not answer within ${patience / 1000} s: if it is suspended, continue it (fg); if it is gone, remove that file.`,
    );
  }
}
