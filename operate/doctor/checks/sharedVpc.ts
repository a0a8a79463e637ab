import { inventoryFor } from "../../../components/inventory.ts";
import { sharedVpc } from "../../../components/isolation.ts";
import { lookupsOf } from "../../../config/lookups.ts";
import { type Check, failed, list, ok, warning } from "../check.ts";

/** That no network of another environment is routed to those of this one. */
export const sharedVpcCheck: Check = {
  title: "Isolation of the networks",
  async run(context) {
    const all = await context.networks();
    const names = [...new Set(lookupsOf(context.config).networks.map(({ name }) => name))];
    const missing = names.filter((name) => all.filter((each) => each.name === name).length !== 1);
    if (missing.length > 0)
      return [
        failed(
          `there is no one private network ${list(missing)}`,
          "Correct the name in the stack file",
        ),
      ];
    const vpcs = new Set(all.filter(({ name }) => names.includes(name)).map(({ vpcId }) => vpcId));
    const inventory = inventoryFor(context.env);
    const said = await Promise.all([...vpcs].map((id) => sharedVpc(id, context.region, inventory)));
    const faults = said.flatMap((each) => each ?? []);
    if (faults.length === 0) return [ok(`no other network is routed to ${list(names)}`)];
    return faults.map((text) => {
      const [seen = "", advice = "Mend that, and run again"] = text.split(/\. (?=Give)/);
      return warning(seen, advice);
    });
  },
};
