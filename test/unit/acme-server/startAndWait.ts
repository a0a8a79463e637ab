/** A program that starts Pebble and then never ends by itself; it prints Pebble's management URL. */
import { startAcme } from "../../../sandbox/acme/server.ts";
import { CallLog } from "../../../sandbox/clouds/api.ts";

const server = await startAcme({ log: new CallLog(), dnsServer: "127.0.0.1:1" });
process.stdout.write(`${server.managementUrl}\n`);
