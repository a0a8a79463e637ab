/** The alert manager of Cockpit's API v1: https://www.scaleway.com/en/developers/api/cockpit/regional-api/ */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { optional, parseBody } from "../body.ts";
import {
  type AlertManager,
  alertManagerOf,
  showAlertManager,
  showAlerts,
  showContact,
  switchRules,
} from "../cockpit.ts";
import { alreadyExists, notFound } from "../errors.ts";
import { type Call, type Routes, routesBelow } from "../http.ts";
import type { Store } from "../store.ts";

const project = { project_id: z.string().nullish() };
const ofProject = z.object(project);
const ofRules = z.object({ ...project, rule_ids: optional(z.array(z.string()), []) });
const ofContact = z.object({
  ...project,
  email: z.object({ to: z.email("must be an e-mail address") }),
});

export function registerCockpit(app: FastifyInstance, store: Store): void {
  const below = routesBelow(app, "/cockpit/v1/regions/:place");
  const managerFor: ManagerFor = (place, id) =>
    alertManagerOf(store, place, id ?? store.owner.projectId);
  managerRoutes(below, managerFor, store);
  ruleRoutes(below, managerFor, store);
  contactRoutes(below, managerFor);
}

type ManagerFor = (place: string, projectId: string | null | undefined) => AlertManager;

const asked = (managerFor: ManagerFor, { place, query }: Call) =>
  managerFor(place, query.one("project_id"));

function managerRoutes(below: Routes, managerFor: ManagerFor, store: Store): void {
  below.get("/alert-manager", (call) => showAlertManager(asked(managerFor, call)));
  for (const action of ["enable", "disable"] as const)
    below.post(`/alert-manager/${action}`, ({ place, body }) => {
      const manager = managerFor(place, parseBody(ofProject, body).project_id);
      const url = `https://${store.newId()}.alertmanager.cockpit.${place}.scw.cloud`;
      manager.url = action === "enable" ? (manager.url ?? url) : undefined;
      return showAlertManager(manager);
    });
}

function ruleRoutes(below: Routes, managerFor: ManagerFor, store: Store): void {
  for (const [action, to] of [
    ["enable", "enabled"],
    ["disable", "disabled"],
  ] as const)
    below.post(`/alert-manager/${action}-alert-rules`, ({ place, body }) => {
      const { project_id, rule_ids } = parseBody(ofRules, body);
      const switched = switchRules(store, managerFor(place, project_id), rule_ids, to);
      return { [`${to}_rule_ids`]: switched };
    });
  below.get("/alerts", (call) => {
    const { query } = call;
    const alerts = showAlerts(asked(managerFor, call)).filter(
      ({ preconfigured, rule_status }) =>
        query.isBool("is_preconfigured", preconfigured) && query.is("rule_status", rule_status),
    );
    return { alerts, total_count: alerts.length };
  });
}

function contactRoutes(below: Routes, managerFor: ManagerFor): void {
  const contacts = "/alert-manager/contact-points";
  below.get(contacts, (call) => {
    const { region, contacts: addresses } = asked(managerFor, call);
    return {
      contact_points: addresses.map((address) => showContact(region, address)),
      has_additional_contact_points: false,
      has_additional_receivers: false,
      total_count: addresses.length,
    };
  });
  below.post(contacts, ({ place, body }) => {
    const { project_id, email } = parseBody(ofContact, body);
    const manager = managerFor(place, project_id);
    if (manager.contacts.includes(email.to))
      throw alreadyExists("contact_point", email.to, "there is a contact point of that address");
    manager.contacts.push(email.to);
    return showContact(place, email.to);
  });
  below.post(`${contacts}/delete`, ({ place, body }) => {
    const { project_id, email } = parseBody(ofContact, body);
    const manager = managerFor(place, project_id);
    if (!manager.contacts.includes(email.to)) throw notFound("contact_point", email.to);
    manager.contacts = manager.contacts.filter((address) => address !== email.to);
    return undefined;
  });
}
