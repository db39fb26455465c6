import { ComputeManagementClient, type Gallery as ArmGallery } from "@azure/arm-compute";
import type { TokenCredential } from "@azure/identity";
import { Problem } from "../../core/problem.ts";
import type { Gallery } from "../ports.ts";
import { asking, isRefusal, withinAcceptance, withinSeconds } from "./answers.ts";
import { apiVersionPolicy, type Arm, correlationPolicy, noRetries } from "./arm-requests.ts";
import { galleryVersionFrom } from "./gallery-version-answer.ts";
import { applicationBody, regionsUpdate, versionBody } from "./gallery-bodies.ts";
import { failureOf } from "./operation-failure.ts";
import { subscriptionRegions } from "./subscription-regions.ts";

/** Which gallery, and the identity of its that reads packages: `system`, or a user-assigned one's ARM id. */
export interface GalleryPlace {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly identity: string;
}

/** The gallery in Azure. */
export function azureGallery(credential: TokenCredential, arm: Arm, place: GalleryPlace): Gallery {
  const { galleries, galleryApplications, galleryApplicationVersions } = new ComputeManagementClient(
    credential,
    place.subscriptionId,
    {
      endpoint: arm.endpoint,
      // Without it the SDK asks for a token of the public cloud, whatever the endpoint.
      credentials: { scopes: [arm.scope] },
      additionalPolicies: [
        { policy: apiVersionPolicy(arm.galleryApiVersion), position: "perCall" },
        { policy: correlationPolicy, position: "perCall" },
      ],
      retryOptions: noRetries,
    },
  );
  const at = [place.resourceGroup, place.name] as const;
  const id =
    `/subscriptions/${place.subscriptionId}/resourceGroups/${place.resourceGroup}` +
    `/providers/Microsoft.Compute/galleries/${place.name}`;

  return {
    async read() {
      const gallery = await asking("gallery", () => galleries.get(...at, { abortSignal: withinSeconds() }));
      return { location: gallery.location, principalId: principalOf(gallery, place) };
    },

    regions: () => subscriptionRegions(credential, arm, place.subscriptionId),

    async hasApplication(application) {
      const found = await unlessMissing(() =>
        galleryApplications.get(...at, application, { abortSignal: withinSeconds() }),
      );
      return found !== undefined;
    },

    async createApplication(application, location, profile) {
      const options = { abortSignal: withinSeconds() };
      await asking("gallery", () =>
        // Never awaited itself: that would poll until the operation has ended.
        galleryApplications
          .createOrUpdate(...at, application, applicationBody(location, profile), options)
          .submitted(),
      );
    },

    versionId: ({ application, version }) => `${id}/applications/${application}/versions/${version}`,

    async readVersion({ application, version }) {
      const options = { expand: "ReplicationStatus", abortSignal: withinSeconds() } as const;
      const found = await unlessMissing(() =>
        galleryApplicationVersions.get(...at, application, version, options),
      );
      return found && galleryVersionFrom(found);
    },

    async versionNames(application) {
      const options = { abortSignal: withinSeconds() };
      const names = await unlessMissing(async () => {
        const found: string[] = [];
        for await (const { name } of galleryApplicationVersions.listByGalleryApplication(
          ...at,
          application,
          options,
        )) {
          found.push(name ?? "");
        }
        return found;
      });
      return names ?? [];
    },

    async putVersion(manifest, location, source, targetRegions) {
      const body = versionBody(manifest, location, source, targetRegions);
      return accepted((options) =>
        galleryApplicationVersions
          .createOrUpdate(...at, manifest.application, manifest.version, body, options)
          .submitted(),
      );
    },

    async updateRegions({ application, version }, source, targetRegions, excludeFromLatest, tags) {
      const body = regionsUpdate(source, targetRegions, excludeFromLatest, tags);
      return accepted((options) =>
        galleryApplicationVersions.update(...at, application, version, body, options).submitted(),
      );
    },

    whyFailed: (operation) => failureOf(credential, arm, operation),
  };
}

/** Sends a request until Azure has accepted it, and gives the address of the operation that goes on. */
async function accepted(
  send: (options: {
    abortSignal: AbortSignal;
    onResponse: (response: { headers: { get(name: string): string | undefined } }) => void;
  }) => Promise<unknown>,
): Promise<string | undefined> {
  let operation: string | undefined;
  await asking("gallery", () =>
    send({
      abortSignal: withinAcceptance(),
      onResponse: ({ headers }) => (operation ??= headers.get("azure-asyncoperation")),
    }),
  );
  return operation;
}

async function unlessMissing<Result>(request: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await asking("gallery", request);
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
}

function principalOf({ identity }: ArmGallery, { name, identity: wanted }: GalleryPlace): string {
  const found =
    wanted === "system"
      ? identity?.principalId
      : Object.entries(identity?.userAssignedIdentities ?? {}).find(
          ([id]) => id.toLowerCase() === wanted.toLowerCase(),
        )?.[1].principalId;
  if (found !== undefined) return found;
  const present = Object.keys(identity?.userAssignedIdentities ?? {});
  const has = [...(identity?.principalId === undefined ? [] : ["a system-assigned one"]), ...present];
  throw new Problem(
    "gallery-identity-missing",
    `gallery ${name} has not the identity that is to read packages (${wanted === "system" ? "its system-assigned one" : wanted}); it has ${has.join(", ") || "none"}`,
    wanted === "system"
      ? "Switch on the gallery's system-assigned identity, or set GALLERY_IDENTITY to the id of a user-assigned one."
      : "Assign that identity to the gallery, or correct GALLERY_IDENTITY.",
  );
}
