import type { ArmAnswer } from "./answer.ts";
import { listAnswer, refuse } from "./answer.ts";
import type { ArmCall, ArmContext } from "./context.ts";
import { resourceNotFound } from "./not-found.ts";
import { regionName } from "./regions.ts";
import type { SeededResource } from "./records.ts";
import { idKey, nameOf, parentId, subscriptionOf } from "./resource-id.ts";

const galleryTypes = ["galleries", "galleries/applications", "galleries/applications/versions"];

/** GET of the subscriptions in which the caller has a role, wherever below. */
export function listSubscriptions(context: ArmContext, { caller }: ArmCall): ArmAnswer {
  const scopes = context.access
    .list()
    .filter(({ principalId }) => principalId === caller.principalId)
    .map(({ scope }) => subscriptionOf(scope).toLowerCase());
  const subscriptions = context.state.subscriptions().filter((id) => scopes.includes(id));
  return listAnswer(subscriptions.map((id) => subscriptionForm(context, id)));
}

/** GET of one subscription. */
export function getSubscription(context: ArmContext, { target }: ArmCall): ArmAnswer {
  return { status: 200, body: subscriptionForm(context, target.subscription) };
}

function subscriptionForm({ tenantId }: ArmContext, subscriptionId: string) {
  return {
    id: `/subscriptions/${subscriptionId}`,
    subscriptionId,
    tenantId,
    displayName: "Local Azure",
    state: "Enabled",
    subscriptionPolicies: { spendingLimit: "Off" },
    authorizationSource: "RoleBased",
  };
}

/** GET of the regions that a subscription may use. */
export function listLocations(context: ArmContext, call: ArmCall): ArmAnswer {
  return listAnswer(
    context.settings.regions.map((displayName) => ({
      id: `/subscriptions/${call.target.subscription}/locations/${regionName(displayName)}`,
      name: regionName(displayName),
      type: "Region",
      displayName,
      regionalDisplayName: displayName,
      metadata: { regionType: "Physical" },
    })),
  );
}

/** GET of what the compute provider offers: its gallery types, their regions and api-versions. */
export function getProvider(context: ArmContext, call: ArmCall): ArmAnswer {
  const namespace = call.target.name;
  if (namespace.toLowerCase() !== "microsoft.compute") {
    const message = `The resource namespace '${namespace}' is invalid.`;
    return refuse(404, { code: "InvalidResourceNamespace", message });
  }
  return {
    status: 200,
    body: {
      id: call.target.id,
      namespace: "Microsoft.Compute",
      resourceTypes: galleryTypes.map((resourceType) => ({
        resourceType,
        locations: context.settings.regions,
        apiVersions: context.settings.apiVersions.toReversed(),
        capabilities: "SupportsTags, SupportsLocation",
      })),
      registrationState: "Registered",
      registrationPolicy: "RegistrationRequired",
    },
  };
}

/** GET of a resource that others made; for settings a POST that lists them. */
export function getSeededResource(context: ArmContext, call: ArmCall): ArmAnswer {
  const resource = context.state.resources.get(call.target.id);
  if (!resource) return resourceNotFound(call.target);
  return { status: 200, body: seededForm(context, resource) };
}

/** GET of the resources of a type right below another. */
export function listSeededResources(context: ArmContext, { target }: ArmCall): ArmAnswer {
  const found = context.state.resources
    .values()
    .filter(({ id, type }) => idKey(parentId(id)) === idKey(target.id) && nameOf(type) === target.name);
  return listAnswer(found.map((resource) => seededForm(context, resource)));
}

function seededForm(context: ArmContext, resource: SeededResource) {
  const { id, type, location, tags = {}, properties, identity } = resource;
  const tenant = type.startsWith("Microsoft.ManagedIdentity") ? { tenantId: context.tenantId } : {};
  const common = { id, name: nameOf(id), type, location, tags, ...(identity && { identity }) };
  return { ...common, properties: { ...tenant, ...properties } };
}
