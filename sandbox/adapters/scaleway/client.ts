/** The official clients, and what the resources share of them. */
import { createClient, type Region, type Zone } from "@scaleway/sdk-client";
import { Cockpitv1 } from "@scaleway/sdk-cockpit";
import { Ipamv1 } from "@scaleway/sdk-ipam";
import { Lbv1 } from "@scaleway/sdk-lb";
import { Vpcv2 } from "@scaleway/sdk-vpc";
import { regionOf } from "../../../config/naming.ts";
import type { Props } from "../../engine/provider.ts";
import { text } from "../values.ts";
import type { Patience } from "../wait.ts";

/** The plugin waits 15 minutes for anything of a load balancer. */
const PATIENCE: Patience = { timeout: 15 * 60_000 };

export interface Scaleway {
  lb: Lbv1.ZonedAPI;
  ipam: Ipamv1.API;
  vpc: Vpcv2.API;
  cockpit: Cockpitv1.RegionalAPI;
  region: Region;
  zone: Zone;
  projectId: string;
  patience: Patience;
}

/** A provider resource's settings first, then the environment's, then the plugin's defaults. */
export function connect(
  env: NodeJS.ProcessEnv,
  config: Props,
  patience: Patience = PATIENCE,
): Scaleway {
  const setting = (key: string, variable: string) => text(config[key]) || env[variable] || "";
  const needed = (key: string, variable: string) => {
    const value = setting(key, variable);
    if (!value) throw new Error(`scaleway: set ${variable}, or ${key} of the provider`);
    return value;
  };
  const zone = setting("zone", "SCW_DEFAULT_ZONE") || "fr-par-1";
  const region = setting("region", "SCW_DEFAULT_REGION") || regionOf(zone);
  const projectId = needed("projectId", "SCW_DEFAULT_PROJECT_ID");
  const organizationId =
    text(config["organizationId"]) ||
    env["SCW_ORGANIZATION_ID"] ||
    env["SCW_DEFAULT_ORGANIZATION_ID"];
  const client = createClient({
    apiURL: needed("apiUrl", "SCW_API_URL").replace(/\/$/, ""),
    accessKey: needed("accessKey", "SCW_ACCESS_KEY"),
    secretKey: needed("secretKey", "SCW_SECRET_KEY"),
    defaultProjectId: projectId,
    ...(organizationId && { defaultOrganizationId: organizationId }),
    defaultRegion: region as Region,
    defaultZone: zone as Zone,
    userAgent: "private-lb-sandbox/plugin",
  });
  return {
    lb: new Lbv1.ZonedAPI(client),
    ipam: new Ipamv1.API(client),
    vpc: new Vpcv2.API(client),
    cockpit: new Cockpitv1.RegionalAPI(client),
    region: region as Region,
    zone: zone as Zone,
    projectId,
    patience,
  };
}

/** RFC 3339 in whole seconds, as the plugin writes times; absent stays absent. */
export function timestamp(time: Date | undefined): string | undefined {
  return time?.toISOString().replace(/\.\d{3}Z$/, "Z");
}
