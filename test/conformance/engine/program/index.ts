// One program per case of engine.test.ts, chosen by CASE: what needs providers other than dynamic ones.
import * as pulumi from "@pulumi/pulumi";

/** A resource of the package `memory`, whose provider runs within the test. */
class Item extends pulumi.CustomResource {
  declare readonly size: pulumi.Output<number>;
  declare readonly label: pulumi.Output<string>;
  declare readonly token: pulumi.Output<string>;
  constructor(name: string, props: pulumi.Inputs, options: pulumi.CustomResourceOptions = {}) {
    const outputs = { size: undefined, label: undefined, token: undefined };
    super("memory:index:Item", name, { ...outputs, ...props }, { version: "1.2.3", ...options });
  }
}

class Memory extends pulumi.ProviderResource {
  constructor(name: string, props: pulumi.Inputs, options: pulumi.ResourceOptions = {}) {
    super("memory", name, props, options);
  }
}

class Group extends pulumi.ComponentResource {
  constructor(name: string, options: pulumi.ComponentResourceOptions = {}) {
    super("engine:index:Group", name, {}, options);
  }
}

const count = Number(process.env["COUNT"] ?? "0");

const cases: Record<string, () => Promise<pulumi.Inputs> | pulumi.Inputs> = {
  one: () => ({ label: new Item("a", { size: 1 }).label }),
  many: () => {
    for (let i = 0; i < count; i++) new Item(`item-${i}`, { size: i });
    return {};
  },
  chain: () => {
    let last = new Item("item-0", { size: 0 });
    for (let i = 1; i < count; i++) last = new Item(`item-${i}`, { size: last.size });
    return {};
  },
  explicit: () => {
    const provider = new Memory("mine", {
      prefix: process.env["PREFIX"] ?? "own",
      place: process.env["PLACE"],
    });
    const group = new Group("group", { providers: { memory: provider } });
    return {
      own: new Item("a", { size: 1 }, { provider }).label,
      inherited: new Item("b", { size: 2 }, { parent: group }).label,
      default: new Item("c", { size: 3 }).label,
    };
  },
  providerOfUnknownConfiguration: () => {
    const first = new Item("first", { size: 1 });
    const provider = new Memory("mine", { prefix: first.label });
    return { label: new Item("second", { size: 2 }, { provider }).label };
  },
  invoke: async () => {
    const found = await pulumi.runtime.invoke(
      "memory:index:find",
      { size: 4 },
      { version: "1.2.3" },
    );
    const output = pulumi.runtime.invokeOutput("memory:index:find", {
      size: new Item("a", { size: 5 }).size,
    });
    return { found, output, secret: pulumi.secret("hunter2") };
  },
  get: () => {
    const mine = new Item("mine", { size: 1 });
    const theirs = new Item("theirs", {}, { id: "item-of-others" });
    return { mine: mine.label, theirs: theirs.size };
  },
  imported: () => ({
    label: new Item("adopted", { size: Number(process.env["SIZE"]) }, { import: "item-of-others" })
      .label,
  }),
  reference: () => {
    const first = new Item("a", { size: 1 });
    return { label: new Item("b", { size: 2, other: first }).label, first };
  },
  secrets: () => {
    const item = new Item("a", { size: 1, password: pulumi.secret("hunter2") });
    void pulumi.log.info("the password is hunter2", item);
    const printed = item.id.apply(() => console.log("printed: hunter2"));
    return { token: item.token, printed };
  },
  config: () => {
    const config = new pulumi.Config();
    return {
      text: config.require("text"),
      object: config.requireObject("object"),
      secret: config.requireSecret("secret"),
      isSecret: pulumi.isSecret(config.requireSecret("secret")),
    };
  },
  throws: () => {
    new Item("a", { size: 1 });
    throw new Error("no such luck");
  },
  rejects: () =>
    Promise.reject(new pulumi.ResourceError("plainly said", new Item("a", { size: 1 }), true)),
  exits: () => process.exit(7),
  transforms: () => {
    new Item("a", { size: 1 }, { transforms: [() => undefined] });
    return {};
  },
  stackReference: () => ({ other: new pulumi.StackReference("organization/other/dev").outputs }),
  asset: () => {
    new Item("a", { file: new pulumi.asset.StringAsset("text") });
    return {};
  },
  unknownPackage: () => {
    new (class extends pulumi.CustomResource {})("nowhere:index:Thing", "a", {});
    return {};
  },
  hooks: () => {
    new Item("a", { size: 1 }, { hooks: { afterCreate: [async () => {}] } });
    return {};
  },
  remote: () => {
    new (class extends pulumi.ComponentResource {})("memory:index:Remote", "a", {}, {}, true);
    return {};
  },
};

const chosen = cases[process.env["CASE"] ?? ""];
if (!chosen) throw new Error(`there is no case ${process.env["CASE"]}`);
export const outputs = await chosen();
