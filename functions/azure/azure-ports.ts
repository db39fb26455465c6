import { BlobServiceClient } from "@azure/storage-blob";
import { containers } from "../../core/naming.ts";
import type { Access, Ports } from "../ports.ts";
import { azureAccess } from "./access.ts";
import type { Arm } from "./arm-requests.ts";
import { ownCredential } from "./credential.ts";
import { azureGallery } from "./gallery.ts";
import { azurePackages } from "./packages.ts";
import { azureReports } from "./reports.ts";

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

/** The ports on Azure, with the function app's own identity. `isOnAzure`: the host offers it a managed identity. */
export function azurePorts(places: AzurePlaces, isOnAzure: boolean): Omit<Ports, "attestations"> {
  const credential = ownCredential(places.clientId, isOnAzure);
  // Storage faults that pass in seconds are not worth a turn of the story.
  const storage = new BlobServiceClient(places.packagesEndpoint, credential, {
    retryOptions: { maxTries: 3, retryDelayInMs: 500, maxRetryDelayInMs: 4000 },
  });
  const accessAt = (scope: string): Access =>
    azureAccess(credential, places.arm, {
      ...{ scope, roleId: places.role.id, subscriptionId: subscriptionOf(scope) },
    });
  const legacy = new Map(places.legacySources.map(({ id }) => [id, accessAt(id)]));
  return {
    packages: azurePackages(storage, places.packagesEndpoint),
    reports: azureReports(storage.getContainerClient(containers.reports)),
    gallery: azureGallery(credential, places.arm, { ...places.gallery, identity: places.galleryIdentity }),
    access: accessAt(places.roleScope),
    legacyAccess: (place) => legacy.get(place),
    legacyPlaces: [...legacy.keys()],
  };
}

function subscriptionOf(resourceId: string): string {
  return resourceId.split("/")[2] ?? "";
}
