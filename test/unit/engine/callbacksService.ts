/** A Callbacks service in the program's place. */
import grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/callback_grpc_pb.js";
import callbacks from "@pulumi/pulumi/proto/callback_pb.js";

export interface CallbacksService {
  /** To be registered. */
  callback: callbacks.Callback;
  /** The requests that were made, since they were last taken. */
  take(): Uint8Array[];
  close(): void;
}

/** @param answer gives what the program says now */
export async function startCallbacks(answer: () => Uint8Array): Promise<CallbacksService> {
  const heard: Uint8Array[] = [];
  const server = new grpc.Server();
  server.addService(services.CallbacksService, {
    invoke: (
      call: { request: callbacks.CallbackInvokeRequest },
      respond: grpc.sendUnaryData<callbacks.CallbackInvokeResponse>,
    ) => {
      heard.push(call.request.getRequest_asU8());
      const response = new callbacks.CallbackInvokeResponse();
      response.setResponse(answer());
      respond(null, response);
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const callback = new callbacks.Callback();
  callback.setTarget(`127.0.0.1:${port}`);
  callback.setToken("token");
  return { callback, take: () => heard.splice(0), close: () => server.forceShutdown() };
}
