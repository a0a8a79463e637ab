/**
 * Functions of the program that the engine calls, over the program's Callbacks service
 * (https://github.com/pulumi/pulumi/blob/master/proto/pulumi/callback.proto).
 */
import grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/callback_grpc_pb.js";
import callbacks from "@pulumi/pulumi/proto/callback_pb.js";

export interface Callback {
  target: string;
  token: string;
}

export class Callbacks {
  readonly #clients = new Map<string, services.CallbacksClient>();

  async invoke({ target, token }: Callback, request: Uint8Array): Promise<Uint8Array> {
    const client =
      this.#clients.get(target) ??
      new services.CallbacksClient(target, grpc.credentials.createInsecure());
    this.#clients.set(target, client);
    const invocation = new callbacks.CallbackInvokeRequest();
    invocation.setToken(token);
    invocation.setRequest(request);
    return new Promise((resolve, reject) =>
      client.invoke(invocation, (failure, response) =>
        failure ? reject(failure) : resolve(response.getResponse_asU8()),
      ),
    );
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}
