/** A Scaleway of a test's own, with the official clients pointed at it. */
import { createClient } from "@scaleway/sdk-client";
import { Instancev1 } from "@scaleway/sdk-instance";
import { Ipamv1 } from "@scaleway/sdk-ipam";
import { Lbv1 } from "@scaleway/sdk-lb";
import { Vpcv2 } from "@scaleway/sdk-vpc";
import { CallLog } from "../../../sandbox/clouds/api.ts";
import { type ScalewayCloud, startScaleway } from "../../../sandbox/clouds/scaleway/index.ts";

export const SECRET_KEY = "11111111-1111-4111-8111-111111111111";
export const PROJECT = "22222222-2222-4222-8222-222222222222";
export const UNKNOWN = "99999999-9999-4999-8999-999999999999";

export interface Clients {
  cloud: ScalewayCloud;
  log: CallLog;
  lb: Lbv1.ZonedAPI;
  ipam: Ipamv1.API;
  vpc: Vpcv2.API;
  instance: Instancev1.API;
  /** A raw call: the status and the parsed body. */
  raw(
    method: string,
    path: string,
    body?: unknown,
    token?: string | null,
  ): Promise<{ status: number; type: string | null; body: Record<string, unknown> }>;
  /** A ready private load balancer. */
  newLb(name?: string): Promise<Lbv1.Lb>;
  /** A private network in a VPC of its own. */
  newNetwork(name: string, subnet: string): string;
}

export async function startCloud(): Promise<Clients> {
  const log = new CallLog();
  const cloud = await startScaleway({
    log,
    accessKey: "SCWXXXXXXXXXXXXXXXXX",
    secretKey: SECRET_KEY,
    projectId: PROJECT,
    organizationId: "33333333-3333-4333-8333-333333333333",
  });
  const env = cloud.env();
  const client = createClient({
    apiURL: cloud.url,
    accessKey: env["SCW_ACCESS_KEY"] ?? "",
    secretKey: SECRET_KEY,
    defaultProjectId: PROJECT,
    defaultRegion: "fr-par",
    defaultZone: "fr-par-1",
  });
  const lb = new Lbv1.ZonedAPI(client);
  return {
    cloud,
    log,
    lb,
    ipam: new Ipamv1.API(client),
    vpc: new Vpcv2.API(client),
    instance: new Instancev1.API(client),
    raw: async (method, path, body, token = SECRET_KEY) => {
      const response = await fetch(cloud.url + path, {
        method,
        headers: {
          ...(token !== null && { "x-auth-token": token }),
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        type: response.headers.get("content-type"),
        body: text === "" ? {} : JSON.parse(text),
      };
    },
    newLb: async (name = "private-lb-test") =>
      lb.createLb({
        name,
        description: "",
        type: "LB-S",
        assignFlexibleIp: false,
        assignFlexibleIpv6: false,
        ipIds: [],
        sslCompatibilityLevel: "ssl_compatibility_level_intermediate",
      }),
    newNetwork: (name, subnet) =>
      cloud.addPrivateNetwork({ name, vpcId: cloud.addVpc({ name }).id, subnet }).id,
  };
}

/** The error that a promise ends with. */
export async function failure(
  promise: Promise<unknown>,
): Promise<Error & { status: number; body: Record<string, unknown> }> {
  try {
    await promise;
  } catch (error) {
    return error as Error & { status: number; body: Record<string, unknown> };
  }
  throw new Error("the call was expected to be refused");
}
