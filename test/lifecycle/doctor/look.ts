/** One check of the doctor against a world, with whatever a test wants to be otherwise. */
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { StackConfig } from "../../../config/stackConfig.ts";
import { stackConfigOf } from "../../../config/stackConfig.ts";
import type { Environment } from "../../../dynamic/environment.ts";
import { type Deployed, deployed } from "../../../operate/deployed.ts";
import type { Check } from "../../../operate/doctor/check.ts";
import { Context } from "../../../operate/doctor/context.ts";
import { type CheckReport, examine } from "../../../operate/doctor/doctor.ts";
import { createServerIdentity } from "../../../sandbox/acme/authority.ts";
import type { World } from "../../../sandbox/world/startWorld.ts";
import type { Stack } from "../stage.ts";

export interface Otherwise {
  env?: Environment;
  config?: (config: StackConfig) => void;
  deployed?: (state: Deployed) => void;
  now?: Date;
}

export async function look(
  check: Check,
  world: World,
  { runner }: Stack,
  otherwise: Otherwise = {},
): Promise<CheckReport> {
  const env = { ...world.env, ...otherwise.env };
  const config = structuredClone(stackConfigOf(await runner.configuration(), env));
  const state = await deployed(runner, { secrets: true });
  otherwise.config?.(config);
  otherwise.deployed?.(state);
  const { now = new Date() } = otherwise;
  const context = new Context({ stack: "staging", config, deployed: state, env, now });
  const [report] = await examine([check], context);
  return report as CheckReport;
}

/** An ACME server that has nothing but a directory, with this `meta` and a clock that is off by so many ms. */
export async function startDirectory({ meta = {}, skew = 0 }: { meta?: object; skew?: number }) {
  const { key, cert, ca } = await createServerIdentity("a directory alone");
  setDefaultCACertificates([...getCACertificates("default"), ca]);
  const server = createServer({ key, cert }, (_request, response) => {
    response.setHeader("date", new Date(Date.now() + skew).toUTCString());
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ newOrder: "https://127.0.0.1/order", meta }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}/dir`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
