/** What the program uses of the plugin `tls`. */
import type { Provider } from "../../engine/provider.ts";
import { BridgedProvider } from "../bridged.ts";
import { privateKey } from "./privateKey.ts";

export function tlsProvider(): Provider {
  return new BridgedProvider<null>({ name: "tls", connect: () => null, resources: [privateKey] });
}
