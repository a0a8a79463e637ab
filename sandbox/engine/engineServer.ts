/** The gRPC server that the program and the dynamic provider talk to; on loopback only, on a port of the system's choice. */
import grpc from "@grpc/grpc-js";
import engine from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/engine_pb.js";
import monitor from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Severity } from "../../operate/stackRunner.ts";
import type { Report } from "./report.ts";
import { mapValues } from "./value.ts";

type Callback<Answer> = (error: Error | null, answer: Answer) => void;

const SEVERITIES: Record<number, Severity> = {
  [messages.LogSeverity.INFO]: "info",
  [messages.LogSeverity.WARNING]: "warning",
  [messages.LogSeverity.ERROR]: "error",
};

/** Pulumi's Engine service: log messages, and the URN of the stack. */
function engineService(report: Report): grpc.UntypedServiceImplementation {
  let root = "";
  return {
    log: ({ request }: { request: messages.LogRequest }, done: Callback<empty.Empty>) => {
      // Ephemeral messages are progress, which the next one replaces; the SDK's debug messages tell of every call.
      const severity = SEVERITIES[request.getSeverity()];
      if (severity && !request.getEphemeral())
        report.diagnostic(severity, request.getMessage().trimEnd(), request.getUrn());
      done(null, new empty.Empty());
    },
    getRootResource: (_: unknown, done: Callback<messages.GetRootResourceResponse>) => {
      const answer = new messages.GetRootResourceResponse();
      answer.setUrn(root);
      done(null, answer);
    },
    setRootResource: (
      { request }: { request: messages.SetRootResourceRequest },
      done: Callback<messages.SetRootResourceResponse>,
    ) => {
      root = request.getUrn();
      done(null, new messages.SetRootResourceResponse());
    },
  };
}

export interface EngineServer {
  /** `127.0.0.1:<port>` */
  address: string;
  /** Calls that come before the monitor is ready wait for it. */
  serveMonitor(ready: Promise<{ implementation(): grpc.UntypedServiceImplementation }>): void;
  close(): void;
}

export async function startEngineServer(report: Report): Promise<EngineServer> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  const untyped = (service: unknown) => service as grpc.ServiceDefinition;
  server.addService(untyped(engine.EngineService), engineService(report));
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return {
    address: `127.0.0.1:${port}`,
    serveMonitor: (ready) => {
      const implementation = ready.then((service) => service.implementation());
      implementation.catch(() => {});
      const service = untyped(monitor.ResourceMonitorService);
      const waiting = mapValues(
        service as Record<string, unknown>,
        (_, method): grpc.handleUnaryCall<unknown, unknown> =>
          (call, callback) =>
            void implementation.then(
              (methods) =>
                (methods[method] as grpc.handleUnaryCall<unknown, unknown>)(call, callback),
              (error: Error) => callback({ code: grpc.status.UNAVAILABLE, details: error.message }),
            ),
      );
      server.addService(service, waiting);
    },
    close: () => server.forceShutdown(),
  };
}
