import { liesWithin } from "../../../config/ranges.ts";
import { type Check, failed, list, ok, warning } from "../check.ts";
import { rangesOf } from "../context.ts";

/** That the context leads to the cluster of this environment, and to no other's. */
export const clusterCheck: Check = {
  title: "Cluster",
  async run(context) {
    const { kubeContext, network } = context.config;
    const nodes = await context.nodes();
    const own = await context.ownNetwork();
    if (!own)
      return [
        failed(`there is no one private network ${network}`, "Correct `network` in the stack file"),
      ];
    const ranges = rangesOf(own);
    const placed = nodes.map(({ metadata, status }) => ({
      name: metadata?.name ?? "",
      address: status?.addresses?.find(({ type }) => type === "InternalIP")?.address ?? "none",
    }));
    const outside = placed.filter(
      ({ address }) => !ranges.some((range) => liesWithin(address, range)),
    );
    if (placed.length === 0)
      return [
        warning(
          `the cluster of ${kubeContext} has no node`,
          "Scale a pool up: nothing could serve",
        ),
      ];
    if (outside.length > 0) {
      const seen = list(outside.map(({ name, address }) => `${name} (${address})`));
      return [
        failed(
          `${seen} of the context ${kubeContext} lie outside the network ${network} (${list(ranges)}): it is the wrong cluster, or one without that network`,
          "Correct `kubeContext` or `network` in the stack file",
        ),
      ];
    }
    return [
      ok(`${placed.length} nodes of ${kubeContext} lie in the network ${network}, ${list(ranges)}`),
    ];
  },
};
