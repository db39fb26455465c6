import type { DeploymentPlaces, PostureFacts } from "../core/posture/facts.ts";
import { ownCredential } from "./azure/credential.ts";
import { type HostToReach, readInside } from "./azure/inside.ts";
import { readPosture } from "./azure/posture.ts";
import type { Config } from "./config.ts";
import { trustRootMirrors } from "./provenance/root-sources.ts";

/** Looks at the whole deployment with the function app's own identity. */
export function lookAround(config: Config, isOnAzure: boolean): Promise<PostureFacts> {
  const credential = ownCredential(config.clientId, isOnAzure);
  const { arm, packagesEndpoint, eventQueue } = config;
  const { hostBlobs, hostQueues } = config.surroundings;
  const places = placesOf(config);
  const insides = { packagesEndpoint, hostBlobs, hostQueues, eventQueue, galleryId: places.galleryId };
  return readPosture(credential, arm, places, () =>
    readInside(credential, arm, { ...insides, hosts: (profiles) => hostsOf(config, profiles) }),
  );
}

/** What a deployment consists of, by the function app's settings. */
export function placesOf(config: Config): DeploymentPlaces {
  const { gallery, galleryIdentity, role, roleScope, access, eventQueue } = config;
  const { hostAccountId, topicId, functionAppId } = config.surroundings;
  return {
    packagesAccountId: config.accountId,
    galleryId: `/subscriptions/${gallery.subscriptionId}/resourceGroups/${gallery.resourceGroup}/providers/Microsoft.Compute/galleries/${gallery.name}`,
    ...{ galleryIdentity, role, roleScope, access, hostAccountId, topicId, functionAppId, eventQueue },
  };
}

function hostsOf(
  { arm, api, github, trustRoots, collector }: Config,
  profiles: readonly string[],
): HostToReach[] {
  const asksForProvenance = profiles.some((text) => /"provenance"\s*:\s*"(?:warn|require)"/.test(text));
  return [
    { url: `${arm.endpoint}/metadata/endpoints?api-version=2020-09-01`, purpose: "Azure Resource Manager" },
    ...(api ? [{ url: api.jwksUri, purpose: "Entra's keys" }] : []),
    ...(github?.issuers ?? []).map(({ jwksUri }) => ({
      url: jwksUri,
      purpose: "the keys of GitHub's tokens",
    })),
    ...(collector ? [{ url: collector.endpoint, purpose: "the collector of traces" }] : []),
    ...(asksForProvenance && trustRoots === undefined
      ? trustRootMirrors.map((url) => ({
          url,
          purpose: "Sigstore's roots; without them, those of the bundle",
        }))
      : []),
  ];
}
