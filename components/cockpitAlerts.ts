import * as pulumi from "@pulumi/pulumi";
import { AlertManager } from "@pulumiverse/scaleway/observability/alertManager.js";
import { COCKPIT_RULES, type CockpitAlertsConfig } from "../config/cockpit.ts";

export interface CockpitAlertsArgs extends CockpitAlertsConfig {
  /** Scaleway region of the load balancers, such as `fr-par`. */
  region: string;
}

/**
 * Scaleway's own alerts on the load balancers of the project, sent by Cockpit's alert manager. There is one of it for a
 * project and region, whoever declares it, and deleting it takes every contact point along. Of certificates it knows
 * nothing: docs/monitoring has the rules for those.
 */
export class CockpitAlerts extends pulumi.ComponentResource {
  readonly alertManagerUrl: pulumi.Output<string>;

  constructor(name: string, args: CockpitAlertsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("private-lb:index:CockpitAlerts", name, {}, opts);
    const manager = new AlertManager(
      name,
      {
        region: args.region,
        preconfiguredAlertIds: args.rules.map((rule) => COCKPIT_RULES[rule]),
        contactPoints: [{ email: args.email }],
      },
      { parent: this },
    );
    this.alertManagerUrl = manager.alertManagerUrl;
    this.registerOutputs({ alertManagerUrl: this.alertManagerUrl });
  }
}
