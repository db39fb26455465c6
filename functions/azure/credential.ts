import { DefaultAzureCredential, ManagedIdentityCredential, type TokenCredential } from "@azure/identity";

/**
 * The function app's own identity: on Azure its managed identity (`clientId` names a user-assigned one), elsewhere
 * whatever the machine is signed in with.
 */
export function ownCredential(clientId: string | undefined, isOnAzure: boolean): TokenCredential {
  if (isOnAzure)
    return clientId === undefined
      ? new ManagedIdentityCredential()
      : new ManagedIdentityCredential({ clientId });
  return new DefaultAzureCredential(clientId === undefined ? {} : { managedIdentityClientId: clientId });
}
