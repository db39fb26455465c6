import type { PostureFacts } from "./facts.ts";
import { type Finding, judged, tellerOf } from "./finding.ts";
import { appPrincipals } from "./principals.ts";

const GROUP = "Function app";
const { check, unknown } = tellerOf(GROUP);

/** Whether the function app is set up as deployed, and reaches whom it asks. */
export function appChecks(facts: PostureFacts): readonly Finding[] {
  const id = facts.places.functionAppId ?? "";
  const place = { group: GROUP, what: "the function app" } as const;
  return [
    ...judged(facts.app, { ...place, check: "app" }, ({ properties }) => [
      check("app-identity", {
        holds: appPrincipals(facts).length > 0,
        good: "It runs as a managed identity.",
        bad: "It has no managed identity, so it can do nothing.",
        remedy:
          "az deployment group create --resource-group GROUP --name main --parameters infra/main.bicepparam",
      }),
      check("app-running", {
        holds: (properties.state ?? "Running") === "Running",
        good: "It runs.",
        bad: `It is ${properties.state ?? ""}: nothing is published.`,
        remedy: `az functionapp start --ids ${id}`,
      }),
      check("app-https", {
        holds: properties.httpsOnly === true,
        good: "Its endpoints answer HTTPS only.",
        bad: "Its endpoints answer plain HTTP.",
        remedy: `az functionapp update --ids ${id} --set httpsOnly=true`,
      }),
      check("app-network", {
        holds: (properties.virtualNetworkSubnetId ?? "") !== "",
        good: "Its calls leave from its subnet, which both accounts let in.",
        bad: "It is in no subnet, so both accounts keep it out.",
        remedy:
          "az deployment group create --resource-group GROUP --name main --parameters infra/main.bicepparam",
      }),
    ]),
    ...judged(facts.passwords, { ...place, check: "app-passwords" }, ({ value }) => [
      check("app-passwords", {
        holds: value.every(({ properties }) => !properties.allow),
        good: "Code cannot be deployed with a password.",
        bad: `Passwords are taken for ${value
          .filter(({ properties }) => properties.allow)
          .map(({ name }) => name)
          .join(", ")}: code can be replaced without a trace of who did it.`,
        remedy: `az resource update --ids ${id}/basicPublishingCredentialsPolicies/scm --set properties.allow=false`,
      }),
    ]),
    ...judged(facts.settings, { ...place, check: "settings", what: "its settings" }, ({ properties }) =>
      settingChecks(properties, id),
    ),
    ...hostChecks(facts),
  ];
}

// A value is never shown: it may be the very secret.
function settingChecks(settings: Readonly<Record<string, string>>, id: string): Finding[] {
  const secret = Object.entries(settings).filter(([, value]) =>
    /AccountKey=|SharedAccess(?:Key|Signature)=|[?&]sig=|-----BEGIN/i.test(value),
  );
  const names = secret.map(([name]) => name);
  return [
    check("settings-secrets", {
      holds: names.length === 0,
      good: "No setting holds a key or a signature.",
      bad: `A key or a signature is in ${names.join(", ")}: whoever reads settings has it.`,
      remedy: `az functionapp config appsettings delete --ids ${id} --setting-names ${names.join(" ")}`,
    }),
    check("settings-api", {
      holds: (settings["API_AUDIENCE"] ?? "") !== "" && (settings["API_TENANT_ID"] ?? "") !== "",
      good: "The endpoints know whose tokens they take.",
      bad: "The endpoints refuse everybody: API_AUDIENCE or API_TENANT_ID is not set.",
      remedy: "Run infra/register-api.sh, then deploy with its apiAudience.",
      otherwise: "warning",
    }),
    check("settings-telemetry", {
      holds: (settings["APPLICATIONINSIGHTS_CONNECTION_STRING"] ?? "") !== "",
      good: "What it does is sent to Application Insights.",
      bad: "What it does is sent nowhere, so no alert can fire.",
      remedy:
        "az deployment group create --resource-group GROUP --name main --parameters infra/main.bicepparam",
      otherwise: "warning",
    }),
  ];
}

function hostChecks({ inside }: PostureFacts): Finding[] {
  if (!inside) {
    const says = "Which hosts the function app reaches can be seen by itself only.";
    return [unknown("outbound", says, "Ask GET /api/posture.")];
  }
  return inside.hosts.map(({ host, purpose, fault }) =>
    check("outbound", {
      holds: fault === null,
      good: `It reaches ${host} (${purpose}).`,
      bad: `It does not reach ${host} (${purpose}): ${fault ?? ""}.`,
      remedy: "Let the function app's subnet through to that host, port 443, in firewalls and route tables.",
    }),
  );
}
