import type { DeploymentPlaces, PostureFacts } from "../core/posture/facts.ts";
import { ownCredential } from "./azure/credential.ts";
import { readInside } from "./azure/inside.ts";
import { readPosture } from "./azure/posture.ts";
import type { Config } from "./config.ts";

/** Looks at the whole deployment with the function app's own identity. */
export function lookAround(config: Config, isOnAzure: boolean): Promise<PostureFacts> {
  const credential = ownCredential(config.clientId, isOnAzure);
  const { arm, packagesEndpoint, eventQueue } = config;
  const { hostBlobs, hostQueues } = config.surroundings;
  const places = placesOf(config);
  const insides = { packagesEndpoint, hostBlobs, hostQueues, eventQueue, galleryId: places.galleryId };
  return readPosture(credential, arm, places, () =>
    readInside(credential, arm, { ...insides, hosts: hostsOf(config) }),
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

function hostsOf({ arm, api }: Config) {
  return [
    { url: `${arm.endpoint}/metadata/endpoints?api-version=2020-09-01`, purpose: "Azure Resource Manager" },
    ...(api ? [{ url: api.jwksUri, purpose: "Entra's keys" }] : []),
  ];
}
