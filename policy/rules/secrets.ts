/** Where certificates come from, and where keys must not go. */
import { DIRECTORIES } from "../../certificate/acme/limits.ts";
import { type Declared, type Options, type Resource, type Rule, SECRET } from "../rule.ts";

const ACCOUNT = "pulumi-nodejs:dynamic/acme:Account";
const CERTIFICATE = "pulumi-nodejs:dynamic/acme:Certificate";

export const acmeProduction: Rule = {
  name: "acme-production",
  description: "Let's Encrypt's production directory is used only where that is allowed.",
  looksAt: "resource",
  option: "environments",
  violations: (resources, declared, options) =>
    resources
      .filter(({ type, props }) => isAcme(type) && inProduction(props).length > 0)
      .filter(() => !isAllowed(declared(), options))
      .map(({ urn, props }) => ({
        urn,
        message: `${inProduction(props).join(" and ")} is Let's Encrypt's production directory, which ${declared().environment} may not use: its limits are shared with production; use letsencrypt-staging`,
      })),
};

const isAcme = (type: string) => type === ACCOUNT || type === CERTIFICATE;

const inProduction = (props: Record<string, unknown>) =>
  ["directory", "rehearsal"].filter((key) => props[key] === DIRECTORIES["letsencrypt"]);

function isAllowed({ environment, production }: Declared, { environments }: Options): boolean {
  return environments ? environments.includes(environment) : production;
}

/** PEM, of any kind of key. */
const KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

export const noPlainSecret: Rule = {
  name: "no-plain-secret",
  description: "No private key, and no token of the run, is in a plain output.",
  looksAt: "stack",
  byMarks: true,
  violations: (resources) =>
    resources.flatMap((resource) =>
      [...plainSecrets(resource.props, [])].map((path) => ({
        urn: resource.urn,
        message: `has a secret in plain at ${path}: mark it with pulumi.secret, or take it out`,
      })),
    ),
};

/** Tokens of the run: README, "Use it on Scaleway and Cloudflare". */
const tokens = () =>
  ["SCW_SECRET_KEY", "CLOUDFLARE_API_TOKEN"].flatMap((name) => process.env[name] || []);

function* plainSecrets(value: unknown, path: string[]): Iterable<string> {
  if (value === SECRET) return;
  if (typeof value === "string") {
    if (KEY.test(value) || tokens().some((token) => value.includes(token))) yield path.join(".");
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* plainSecrets(inner, [...path, key]);
  }
}

/** The outputs that are marked as secret by their names. */
export function withSecretOutputs(resource: Resource, names: string[]): Resource {
  const marked = names.filter((name) => resource.props[name] !== undefined);
  const secrets = Object.fromEntries(marked.map((name) => [name, SECRET]));
  return { ...resource, props: { ...resource.props, ...secrets } };
}
