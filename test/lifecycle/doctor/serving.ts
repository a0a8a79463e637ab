/** The CCM, the pods and what is served. */
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { Lbv1 } from "@scaleway/sdk-lb";
import { backendsCheck } from "../../../operate/doctor/checks/backends.ts";
import { ccmCheck } from "../../../operate/doctor/checks/ccm.ts";
import { servedCheck } from "../../../operate/doctor/checks/served.ts";
import {
  another,
  balancer,
  client,
  DAY,
  ground,
  ready,
  type Trouble,
  well,
  ZONE,
} from "./ground.ts";

export const servingTroubles: Trouble[] = [
  {
    title: "a frontend that was renamed",
    check: ccmCheck,
    make: async () => {
      const api = new Lbv1.ZonedAPI(client());
      const { id: lbId = "" } = balancer() ?? {};
      const { frontends } = await api.listFrontends({ lbId });
      const frontend = frontends.find(({ inboundPort }) => inboundPort === 443);
      if (!frontend) throw new Error("there is no frontend");
      const rename = (name: string) =>
        api.updateFrontend({
          ...{ frontendId: frontend.id, name, inboundPort: 443, backendId: frontend.backend?.id },
          ...{ certificateIds: frontend.certificateIds, enableHttp3: frontend.enableHttp3 },
          enableAccessLogs: false,
        } as Lbv1.ZonedApiUpdateFrontendRequest);
      await rename(well());
      return () => rename(frontend.name);
    },
    level: "failed",
    says: /port 443 of private-lb-staging-well-.* is held by the frontend well-.*, which is not the CCM's/,
  },
  {
    title: "a Service that is gone",
    check: ccmCheck,
    make: (given) => {
      given.deployed = ({ endpoints }) => {
        for (const { service } of endpoints) if (service) service.name = "gone";
      };
    },
    level: "failed",
    says: /Service ops-tools\/gone of well-.* is gone/,
  },
  {
    title: "pods that are not ready",
    check: backendsCheck,
    make: () => ready(["test-staging-node-1", "test-staging-node-2"], false),
    level: "failed",
    says: /none of the 2 pods of well-.* is ready/,
    advises: /kubectl -n ops-tools get pods/,
  },
  {
    title: "a pod that is not ready",
    check: backendsCheck,
    make: () => ready(["test-staging-node-1"], false),
    level: "warning",
    says: /1 of 2 pods/,
  },
  {
    title: "a selector that matches no pod",
    check: backendsCheck,
    make: (given) => another(given, { selector: { "app.kubernetes.io/name": "nobody" } }),
    level: "failed",
    says: /no pod in ops-tools matches app\.kubernetes\.io\/name=nobody of other/,
    advises: /selector/,
  },
  {
    title: "a place from which the network is not reached",
    check: servedCheck,
    make: (given) => {
      given.env = { PRIVATE_LB_PROXY_STAGING: ground.world.proxy("production") };
    },
    level: "warning",
    says: /in staging\) is not reachable from here/,
    advises: /whether PRIVATE_LB_PROXY_STAGING names a proxy in that network/,
  },
  {
    title: "another certificate than the state has",
    check: servedCheck,
    make: (given) => {
      given.deployed = ({ endpoints }) => {
        for (const { served } of endpoints) if (served) served.serial = "0abc";
      };
    },
    level: "failed",
    says: /serves [0-9a-f]+, and the state has abc/,
  },
  {
    title: "a certificate that lacks a name",
    check: servedCheck,
    make: (given) => {
      given.config = ({ endpoints }) => {
        for (const { names } of endpoints)
          names.push({ name: `more.${ZONE}`, network: "staging", dnsZone: ZONE });
      };
    },
    level: "failed",
    says: /lacks more\.example\.net/,
  },
  {
    title: "a certificate that is late",
    check: servedCheck,
    make: (given) => {
      given.now = new Date(Date.now() + 80 * DAY);
    },
    level: "warning",
    says: /has 10\.0 days left/,
    advises: /npm run renew/,
  },
  {
    title: "a certificate that has expired",
    check: servedCheck,
    make: (given) => {
      given.now = new Date(Date.now() + 91 * DAY);
    },
    level: "failed",
    says: /has expired/,
  },
  {
    title: "a certificate of an authority that is not trusted here",
    check: servedCheck,
    make: () => {
      const trusted = getCACertificates("default");
      setDefaultCACertificates([]);
      return () => setDefaultCACertificates(trusted);
    },
    level: "warning",
    says: /is not trusted here/,
  },
];
