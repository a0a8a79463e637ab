import * as pulumi from "@pulumi/pulumi";
import { type ProviderModule, shim } from "../dynamic/shim.ts";

/**
 * A resource of Pulumi's dynamic provider whose methods are functions of a module of this project. To Pulumi it is what
 * `pulumi.dynamic.Resource` makes; that class would derive the provider's text from functions.
 */
export abstract class DynamicResource extends pulumi.CustomResource {
  /**
   * @param type module and type of the token: `acme:Certificate` of `pulumi-nodejs:dynamic/acme:Certificate`
   * @param props inputs, and undefined for each property that is an output only
   */
  constructor(
    type: `${string}:${string}`,
    provider: ProviderModule,
    name: string,
    props: pulumi.Inputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(`pulumi-nodejs:dynamic/${type}`, name, { ...props, __provider: shim(provider) }, opts);
  }
}
