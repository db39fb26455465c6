import { BlobServiceClient } from "@azure/storage-blob";
import { containers } from "../../core/naming.ts";
import type { Access, Ports } from "../ports.ts";
import { sharedBackoff } from "./shared-backoff.ts";
import { azureAccess } from "./access.ts";
import type { Arm } from "./arm-requests.ts";
import { ownCredential } from "./credential.ts";
import { azureDropBox } from "./drop-box.ts";
import { azureGallery } from "./gallery.ts";
import { azurePackages } from "./packages.ts";
import { azureReports } from "./reports.ts";
import { whenNeeded } from "./when-needed.ts";

/** What the ports on Azure need to know; the function app's configuration has it all. */
export interface AzurePlaces {
  readonly packagesEndpoint: string;
  readonly gallery: {
    readonly subscriptionId: string;
    readonly resourceGroup: string;
    readonly name: string;
  };
  readonly galleryIdentity: string;
  readonly accountId: string;
  readonly role: { readonly id: string };
  readonly roleScope: string;
  readonly arm: Arm;
  readonly clientId: string | undefined;
  readonly legacySources: readonly { readonly id: string }[];
}

/**
 * The ports on Azure, with the function app's own identity. `isOnAzure`: the host offers it a managed identity. Each is
 * made when it is first used, since an app that starts for an event has that event to answer first.
 */
export function azurePorts(places: AzurePlaces, isOnAzure: boolean): Omit<Ports, "attestations"> {
  const credential = whenNeeded(() => ownCredential(places.clientId, isOnAzure));
  const storage = whenNeeded(
    () =>
      // Storage faults that pass in seconds are not worth a turn of the story.
      new BlobServiceClient(places.packagesEndpoint, credential, {
        retryOptions: { maxTries: 3, retryDelayInMs: 500, maxRetryDelayInMs: 4000 },
      }),
  );
  const onceOnly = whenNeeded(
    () => new BlobServiceClient(places.packagesEndpoint, credential, { retryOptions: { maxTries: 1 } }),
  );
  const backoff = sharedBackoff();
  const accessAt = (scope: string): Access =>
    whenNeeded(() => {
      const place = { scope, roleId: places.role.id, subscriptionId: subscriptionOf(scope) };
      return backoff.access(azureAccess(credential, places.arm, place));
    });
  const legacy = new Map(places.legacySources.map(({ id }) => [id, accessAt(id)]));
  return {
    packages: whenNeeded(() => azurePackages(storage, places.packagesEndpoint)),
    dropBox: whenNeeded(() => azureDropBox(onceOnly.getContainerClient(containers.dropBox))),
    reports: whenNeeded(() => azureReports(storage.getContainerClient(containers.reports))),
    gallery: whenNeeded(() => {
      const place = { ...places.gallery, identity: places.galleryIdentity };
      return backoff.gallery(azureGallery(credential, places.arm, place));
    }),
    access: accessAt(places.roleScope),
    legacyAccess: (place) => legacy.get(place),
    legacyPlaces: [...legacy.keys()],
  };
}

function subscriptionOf(resourceId: string): string {
  return resourceId.split("/")[2] ?? "";
}
