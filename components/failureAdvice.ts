/**
 * What to do about a resource that fails inside a vendor's plugin, which says what it saw and no more. What can be known
 * beforehand is the preflight's; this is for the rest.
 */
import * as pulumi from "@pulumi/pulumi";
import { Failure } from "../dynamic/failure.ts";
import { TOKEN_NEEDS } from "../privileges/cloudflare.ts";
import { KEY_NEEDS, OBSERVING_NEEDS } from "../privileges/scaleway.ts";

const ALERT_MANAGER = "scaleway:observability/alertManager:AlertManager";

/** What was being done, by the resource's type. */
const STEPS: Record<string, string> = {
  "scaleway:loadbalancers/loadBalancer:LoadBalancer": "its load balancer",
  "scaleway:loadbalancers/privateNetwork:PrivateNetwork": "its load balancer's private network",
  "scaleway:loadbalancers/certificate:Certificate": "its certificate on the load balancer",
  "scaleway:ipam/ip:Ip": "its reserved address",
  "kubernetes:core/v1:Service": "its Service",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy": "its NetworkPolicy",
  "cloudflare:index/dnsRecord:DnsRecord": "its A record",
  [ALERT_MANAGER]: "the alert manager of the project",
};

interface Advice {
  /** @default any */
  type?: string;
  /** Package of the resource's type. @default any */
  vendor?: string;
  /** In what the plugin says. */
  seen: RegExp;
  advice: string;
}

/** The first that fits counts. */
const ADVICE: Advice[] = [
  {
    type: ALERT_MANAGER,
    seen: /\b(401|403)\b|denied|insufficient permission/i,
    advice: OBSERVING_NEEDS,
  },
  {
    vendor: "scaleway",
    seen: /quota/i,
    advice: "Delete what is not needed in the project, or ask Scaleway to raise the quota",
  },
  {
    vendor: "scaleway",
    seen: /\b(401|403)\b|denied|insufficient permission/i,
    advice: KEY_NEEDS,
  },
  {
    vendor: "scaleway",
    seen: /time(d )?out|pending|settle|transient|deadline/i,
    advice:
      "Scaleway is not ready with it: see it in the console, and https://status.scaleway.com. Once it is ready, run again: nothing is made twice",
  },
  {
    vendor: "scaleway",
    seen: /\b412\b|still in use|in use|precondition/i,
    advice: "See in the console what else holds it, take it away there, and run again",
  },
  {
    vendor: "scaleway",
    seen: /\b404\b|not found/i,
    advice:
      "It, or what it belongs to, was deleted by another hand: run `pulumi refresh`, and then again",
  },
  {
    vendor: "kubernetes",
    seen: /forbidden|unauthorized|\b(401|403)\b/i,
    advice: "The user of the kubeconfig needs all rights on Services and NetworkPolicies there",
  },
  {
    vendor: "kubernetes",
    seen: /unreachable|refused|no such host|time(d )?out|deadline/i,
    advice: "Check KUBECONFIG, and the way from here to the cluster",
  },
  {
    vendor: "cloudflare",
    seen: /\b(401|403)\b|authentication|not allowed/i,
    advice: TOKEN_NEEDS,
  },
  {
    seen: /\bprotected\b|\bmarked for protection\b/,
    advice: "Set private-lb:protect to never, run `up` while it is declared, and then this again",
  },
  {
    seen: /(?:)/,
    advice: "Put right what that says, and run again: a run takes up where one failed",
  },
];

/** A sentence for a person: endpoint, step, what was seen, what to do. Undefined for what is no vendor's. */
export function adviceOn({
  type,
  name,
  failedOperation,
  errors: [seen = ""],
}: Pick<pulumi.ErrorHookArgs, "type" | "name" | "failedOperation" | "errors">): string | undefined {
  const what = STEPS[type];
  if (!what) return undefined;
  const fits = ({ type: only = type, vendor, seen: pattern }: Advice) =>
    type === only && (vendor === undefined || type.startsWith(`${vendor}:`)) && pattern.test(seen);
  const { advice } = ADVICE.find(fits) ?? {};
  return new Failure({
    subject: name,
    step: `${failedOperation} of ${what}`,
    seen: seen.replaceAll(/\s+/g, " "),
    advice,
  }).message;
}

/** From now on each such failure is followed by its advice, as a warning: the error itself is the engine's to tell. */
export function adviseOnFailures(): void {
  const hook = new pulumi.ErrorHook("advice", async (args) => {
    const advice = adviceOn(args);
    if (advice) await pulumi.log.warn(advice);
    // The plugins try again by themselves where that helps.
    return false;
  });
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
    STEPS[type]
      ? { props, opts: { ...opts, hooks: { ...opts.hooks, onError: [hook] } } }
      : undefined,
  );
}
