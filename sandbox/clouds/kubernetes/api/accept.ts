/** Which form of an object the client asks for. */
import { notAcceptable } from "../status.ts";

export type Form = "object" | "table" | "metadata" | "discovery";

const AS: Record<string, Form> = {
  Table: "table",
  PartialObjectMetadata: "metadata",
  PartialObjectMetadataList: "metadata",
  APIGroupDiscoveryList: "discovery",
};

/**
 * The first form of the Accept header that can be served; `forms` are those that the endpoint has beside the
 * plain object.
 * @throws ApiError 406 when only forms or encodings are accepted that there are not
 */
export function negotiate(accept: string | undefined, forms: readonly Form[]): Form {
  const clauses = (accept || "application/json").split(",").map((clause) => clause.trim());
  for (const clause of clauses) {
    const [type = "", ...parameters] = clause.split(";").map((part) => part.trim());
    if (!["application/json", "application/*", "*/*"].includes(type)) continue;
    const values = new Map(parameters.map((one) => one.split("=", 2) as [string, string]));
    const as = values.get("as");
    if (as === undefined) return "object";
    const form = AS[as];
    const version = values.get("v");
    const served = form === "discovery" ? version === "v2" : version === "v1";
    if (form && served && forms.includes(form)) return form;
  }
  throw notAcceptable(["application/json"]);
}
