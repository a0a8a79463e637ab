/** The policy pack as Pulumi's command starts it, asked over gRPC as Pulumi's engine asks. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import path from "node:path";
import grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/analyzer_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rules } from "../../../policy/rules.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const command = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run-policy-pack");
const config = {
  environment: "staging",
  network: "staging",
  kubeContext: "staging",
  acmeDirectory: "letsencrypt-staging",
  acmeEmail: "platform@example.net",
  dnsZones: JSON.stringify([{ name: "example.net" }]),
  endpoints: JSON.stringify([{ domain: "test.example.net", namespace: "ops-tools" }]),
};

const folder = path.resolve("policy");

let pack: ChildProcess;
let client: services.AnalyzerClient;
beforeAll(async () => {
  const own = Object.entries(config).map(([key, value]) => [`private-lb:${key}`, value]);
  const env = { ...process.env, PULUMI_CONFIG: JSON.stringify(Object.fromEntries(own)) };
  pack = spawn(process.execPath, [command, "127.0.0.1:0", folder], { cwd: folder, env });
  client = new services.AnalyzerClient(
    `127.0.0.1:${await port(pack)}`,
    grpc.credentials.createInsecure(),
  );
});
afterAll(async () => {
  client?.close();
  const ended = pack.exitCode ?? once(pack, "exit");
  pack.kill();
  await ended;
});

/** The first line that it prints is its port. */
function port(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let errors = "";
    child.stderr?.on("data", (data) => {
      errors += data;
    });
    child.stdout?.once("data", (data) => resolve(String(data).trim()));
    child.once("exit", (code) => reject(new Error(`the pack ended with ${code}: ${errors}`)));
  });
}

test("it loads, and has every rule by its name", async () => {
  const info = await new Promise<messages.AnalyzerInfo>((resolve, reject) =>
    client.getAnalyzerInfo(new empty.Empty(), (error, answer) =>
      error || !answer ? reject(error) : resolve(answer),
    ),
  );
  expect(info.getPoliciesList().map((each) => each.getName())).toEqual(
    rules.map(({ name }) => name),
  );
});

test("a load balancer without a public address passes, with values that are not known yet", async () => {
  const tags = [UNKNOWN];
  const props = { name: UNKNOWN, tags, assignFlexibleIp: false };
  expect(await analyze("scaleway:loadbalancers/loadBalancer:LoadBalancer", props)).toEqual([]);
});

test("one with a public address is refused", async () => {
  const found = await analyze("scaleway:loadbalancers/loadBalancer:LoadBalancer", { name: "x" });
  expect(found).toEqual([
    "no-public-address: assignFlexibleIp must be false, and is nothing: Scaleway's default is a public address",
  ]);
});

test("what the stack's file declares decides", async () => {
  const directory = "https://acme-v02.api.letsencrypt.org/directory";
  const [only] = await analyze("pulumi-nodejs:dynamic/acme:Account", { directory });
  expect(only).toMatch(/^acme-production: directory is .+ which staging may not use/);
});

/** `<rule>: <message>` for each violation; the library puts the rule's description before the message. */
function analyze(type: string, props: Record<string, unknown>): Promise<string[]> {
  const request = new messages.AnalyzeRequest();
  request.setType(type);
  request.setUrn(`urn:pulumi:staging::private-lb::${type}::test`);
  request.setName("test");
  request.setProperties(struct.Struct.fromJavaScript(props as never));
  request.setOptions(new messages.AnalyzerResourceOptions());
  return new Promise((resolve, reject) =>
    client.analyze(request, (error, response) => {
      if (error || !response) return reject(error);
      const found = response.getDiagnosticsList();
      resolve(
        found.map((each) => `${each.getPolicyname()}: ${each.getMessage().split("\n").at(-1)}`),
      );
    }),
  );
}
