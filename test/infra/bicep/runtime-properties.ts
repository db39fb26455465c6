import { guidOf, type Value } from "./functions.ts";

/** What Azure answers about a resource: its body, and what only Azure knows, made up. */
export function runtimeProperties(resource: { type: string; id: string; name: string; body: Value }): Value {
  const { type, id, name, body } = resource;
  const own = made[type]?.(name, id) ?? {};
  const identity = body.identity?.type?.includes("SystemAssigned")
    ? { identity: { ...body.identity, principalId: guidOf("principal", id) } }
    : {};
  return { ...body, ...identity, properties: { ...body.properties, ...own } };
}

const made: Readonly<Record<string, (name: string, id: string) => Value>> = {
  "Microsoft.Storage/storageAccounts": (name) => ({
    primaryEndpoints: Object.fromEntries(
      ["blob", "queue", "table"].map((service) => [service, `https://${name}.${service}.core.example/`]),
    ),
  }),
  "Microsoft.ManagedIdentity/userAssignedIdentities": (_name, id) => ({
    principalId: guidOf("principal", id),
    clientId: guidOf("client", id),
  }),
  "Microsoft.Insights/components": (name) => ({ ConnectionString: `InstrumentationKey=${guidOf(name)}` }),
  "Microsoft.DurableTask/schedulers": (name) => ({ endpoint: `https://${name}.durabletask.example` }),
  "Microsoft.Web/sites": (name) => ({ defaultHostName: `${name}.azurewebsites.example` }),
};
