/**
 * Messages that Go clients send as protobuf: leases of a leader election, events, options of a deletion. Numbers
 * are those of the generated.proto files of k8s.io/api and k8s.io/apimachinery.
 */

export type FieldType =
  | "string"
  | "integer"
  | "boolean"
  | "time"
  | "microTime"
  | "stringMap"
  | Message;

export interface Message {
  /** By number; `list` for repeated fields. */
  fields: Readonly<Record<number, { name: string; type: FieldType; list?: true }>>;
}

type Field = Message["fields"][number];

const string = (name: string): Field => ({ name, type: "string" });
const integer = (name: string): Field => ({ name, type: "integer" });
const boolean = (name: string): Field => ({ name, type: "boolean" });
const of = (name: string, type: FieldType): Field => ({ name, type });
const list = (name: string, type: FieldType): Field => ({ name, type, list: true });

const ownerReference: Message = {
  fields: {
    1: string("kind"),
    3: string("name"),
    4: string("uid"),
    5: string("apiVersion"),
    6: boolean("controller"),
    7: boolean("blockOwnerDeletion"),
  },
};

const objectMeta: Message = {
  fields: {
    1: string("name"),
    2: string("generateName"),
    3: string("namespace"),
    5: string("uid"),
    6: string("resourceVersion"),
    7: integer("generation"),
    8: of("creationTimestamp", "time"),
    9: of("deletionTimestamp", "time"),
    10: integer("deletionGracePeriodSeconds"),
    11: of("labels", "stringMap"),
    12: of("annotations", "stringMap"),
    13: list("ownerReferences", ownerReference),
    14: list("finalizers", "string"),
  },
};

const lease: Message = {
  fields: {
    1: of("metadata", objectMeta),
    2: of("spec", {
      fields: {
        1: string("holderIdentity"),
        2: integer("leaseDurationSeconds"),
        3: of("acquireTime", "microTime"),
        4: of("renewTime", "microTime"),
        5: integer("leaseTransitions"),
        6: string("strategy"),
        7: string("preferredHolder"),
      },
    }),
  },
};

const objectReference: Message = {
  fields: {
    1: string("kind"),
    2: string("namespace"),
    3: string("name"),
    4: string("uid"),
    5: string("apiVersion"),
    6: string("resourceVersion"),
    7: string("fieldPath"),
  },
};

const eventSource: Message = { fields: { 1: string("component"), 2: string("host") } };
const eventSeries: Message = {
  fields: { 1: integer("count"), 2: of("lastObservedTime", "microTime") },
};

const coreEvent: Message = {
  fields: {
    1: of("metadata", objectMeta),
    2: of("involvedObject", objectReference),
    3: string("reason"),
    4: string("message"),
    5: of("source", eventSource),
    6: of("firstTimestamp", "time"),
    7: of("lastTimestamp", "time"),
    8: integer("count"),
    9: string("type"),
    10: of("eventTime", "microTime"),
    11: of("series", eventSeries),
    12: string("action"),
    13: of("related", objectReference),
    14: string("reportingComponent"),
    15: string("reportingInstance"),
  },
};

const event: Message = {
  fields: {
    1: of("metadata", objectMeta),
    2: of("eventTime", "microTime"),
    3: of("series", eventSeries),
    4: string("reportingController"),
    5: string("reportingInstance"),
    6: string("action"),
    7: string("reason"),
    8: of("regarding", objectReference),
    9: of("related", objectReference),
    10: string("note"),
    11: string("type"),
    12: of("deprecatedSource", eventSource),
    13: of("deprecatedFirstTimestamp", "time"),
    14: of("deprecatedLastTimestamp", "time"),
    15: integer("deprecatedCount"),
  },
};

const deleteOptions: Message = {
  fields: {
    1: integer("gracePeriodSeconds"),
    2: of("preconditions", { fields: { 1: string("uid"), 2: string("resourceVersion") } }),
    3: boolean("orphanDependents"),
    4: string("propagationPolicy"),
    5: list("dryRun", "string"),
  },
};

/** By `<apiVersion>/<kind>`; DeleteOptions is of every group. */
export function messageOf(apiVersion: string, kind: string): Message | undefined {
  if (kind === "DeleteOptions") return deleteOptions;
  return MESSAGES[`${apiVersion}/${kind}`];
}

const MESSAGES: Record<string, Message> = {
  "coordination.k8s.io/v1/Lease": lease,
  "v1/Event": coreEvent,
  "events.k8s.io/v1/Event": event,
};
