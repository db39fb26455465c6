import type { ArmAnswer } from "./answer.ts";
import { refuse } from "./answer.ts";
import type { Target, TargetKind } from "./routes.ts";
import type { ArmSettings } from "./settings.ts";

const galleryTypes: Readonly<Partial<Record<TargetKind, string>>> = {
  galleries: "galleries",
  gallery: "galleries",
  applications: "galleries/applications",
  application: "galleries/applications",
  versions: "galleries/applications/versions",
  version: "galleries/applications/versions",
};

const otherVersions: Readonly<Partial<Record<TargetKind, readonly string[]>>> = {
  "role-assignments": ["2020-04-01-preview", "2022-04-01"],
  "role-assignment": ["2020-04-01-preview", "2022-04-01"],
  locations: ["2016-06-01", "2020-01-01", "2021-01-01", "2022-01-01", "2022-12-01"],
  provider: ["2019-10-01", "2020-06-01", "2021-01-01", "2021-04-01", "2022-09-01"],
};

/** The first gallery API that knows managed identities. */
export const identityApiVersion = "2024-03-03";

/** Refuses an api-version that this cloud does not have for the resource's type. */
export function apiVersionRefusal(
  target: Target,
  apiVersion: string,
  settings: ArmSettings,
): ArmAnswer | undefined {
  const type = galleryTypes[target.kind];
  if (type !== undefined) {
    if (settings.apiVersions.includes(apiVersion)) return undefined;
    const locations = settings.regions.map((region) => region.toLowerCase().replaceAll(" ", "")).join(", ");
    const message =
      `No registered resource provider found for location '' and API version '${apiVersion}' for type ` +
      `'${type}'. The supported api-versions are '${settings.apiVersions.join(", ")}'. ` +
      `The supported locations are '${locations}'.`;
    return refuse(400, { code: "NoRegisteredProviderFound", message });
  }
  const known = otherVersions[target.kind];
  if (known === undefined ? /^\d{4}-\d\d-\d\d(-preview)?$/.test(apiVersion) : known.includes(apiVersion)) {
    return undefined;
  }
  const message = `The api-version '${apiVersion}' is invalid.`;
  return refuse(400, { code: "InvalidApiVersionParameter", message });
}
