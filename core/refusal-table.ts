import { quoted } from "./application.ts";
import type { AzureAnswer, RefusalContext, RefusalKind } from "./refusals.ts";

/** One row: the answers that it covers (what is left out matches any), and what they mean. */
export interface Meaning {
  readonly service?: AzureAnswer["service"];
  readonly status?: number | ((status: number) => boolean);
  readonly code?: RegExp;
  readonly message?: RegExp;
  readonly kind: RefusalKind;
  /** The code of the reason. */
  readonly as: string;
  readonly says: string | ((answer: AzureAnswer, context: RefusalContext) => string);
  readonly nextStep: string | ((context: RefusalContext) => string);
}

const WAIT = "Nothing to do: the pipeline tries again by itself.";
const CHECK_ACCOUNT =
  "Check storage-account: the account's name alone (3 to 24 lower-case letters and digits) or its blob endpoint.";
const PACKAGE = "the package or the configuration";

/**
 * What Azure's answers mean, first match wins. Texts and codes: VM applications overview ("Error messages"), Azure RBAC
 * troubleshooting, Storage error codes, Entra error codes.
 */
export const meanings: readonly Meaning[] = [
  {
    status: 429,
    kind: "throttled",
    as: "throttled",
    says: ({ message }) => `Azure asked to slow down: ${message}`,
    nextStep: WAIT,
  },
  {
    code: /^RequestDisallowedByPolicy$/,
    kind: "final",
    as: "blocked-by-policy",
    says: ({ message }) => `an Azure policy forbids it: ${message}`,
    nextStep: "Ask the subscription's owner for an exemption from the policy that the message names.",
  },
  {
    code: /^ScopeLocked$/,
    kind: "final",
    as: "locked",
    says: ({ message }) => `a lock forbids it: ${message}`,
    nextStep:
      "Have the owner remove the lock that the message names; a read-only lock stops role assignments too.",
  },

  // The gallery reads the package.
  {
    service: "gallery",
    message: /The SAS is not valid for source uri/i,
    kind: "access",
    as: "gallery-cannot-read",
    says: (_, { galleryIdentity }) =>
      `storage refused the gallery's identity${galleryIdentity ? ` ${galleryIdentity}` : ""} when it read ` +
      "the package (Azure words it as an invalid SAS; there is none)",
    nextStep: ({ galleryRole = "Storage Blob Data Reader", galleryScope }) =>
      `Check four things: the role ${galleryRole} is assigned to that identity; its scope covers the package ` +
      `(${galleryScope ?? "the container packages or the account"}; try the account if the container does not ` +
      "work); the gallery still has that identity; the account's firewall lets trusted Azure services in " +
      "(bypass: AzureServices).",
  },
  {
    service: "gallery",
    message: /can't be accessed due to the following error/i,
    kind: "access",
    as: "gallery-cannot-reach",
    says: ({ message }) => `the gallery did not reach the package: ${message}`,
    nextStep:
      "Check that the packages account exists under that name and that its firewall lets trusted Azure services in.",
  },
  {
    service: "gallery",
    message: /blob referenced by source uri \S+ (?:does not|doesn't) exist/i,
    kind: "final",
    as: "package-missing",
    says: "the package's blob is no longer in the vault",
    nextStep:
      "Submit the release again; nothing may delete from the container packages while its version exists.",
  },
  {
    service: "gallery",
    message: /blob referenced by source uri \S+ is (?:too large|empty)|blob type isn't supported/i,
    kind: "final",
    as: "package-unfit",
    says: ({ message }) => `the gallery does not take ${PACKAGE}: ${message}`,
    nextStep: "Build it anew with 1 byte to 2 GB (the configuration: 1 GB), then submit again.",
  },

  // The gallery judges the version.
  {
    service: "gallery",
    code: /^PropertyChangeNotAllowed$/,
    kind: "final",
    as: "version-exists",
    says: ({ message }) => `the version exists with other content: ${message}`,
    nextStep: "Publish under a new version number: Azure never changes commands or packages of a version.",
  },
  {
    service: "gallery",
    message: /quota|\blimit of \d/i,
    kind: "final",
    as: "quota",
    says: ({ message }) => `a quota is used up: ${message}`,
    nextStep: "Ask for a higher quota in the portal (Usage + quotas), or delete versions that no VM uses.",
  },
  {
    service: "gallery",
    code: /^NoRegisteredProviderFound$/,
    kind: "final",
    as: "api-version",
    says: ({ message }) => `this cloud does not know the api-version: ${message}`,
    nextStep:
      "Set GALLERY_API_VERSION to the newest version in that list; 2024-03-03 or later knows gallery identities.",
  },
  {
    service: "gallery",
    message: /complete set of target locations not specified/i,
    kind: "busy",
    as: "regions-changed",
    says: "somebody else added regions to the version at the same moment",
    nextStep: WAIT,
  },
  {
    service: "gallery",
    message: /missing required feature|target (?:publishing )?regions|publishing profile regions/i,
    kind: "final",
    as: "bad-region",
    says: ({ message }) => `the gallery does not take the target regions: ${message}`,
    nextStep: "Change targetRegions to regions that the subscription may use, then submit again.",
  },
  {
    service: "gallery",
    message: /replicaCount/i,
    kind: "final",
    as: "bad-replica-count",
    says: ({ message }) => `the gallery does not take the number of replicas: ${message}`,
    nextStep: "Set replicaCount and regionalReplicaCount to what the message allows, then submit again.",
  },
  {
    service: "gallery",
    message: /marked for deletion/i,
    kind: "busy",
    as: "being-deleted",
    says: ({ message }) => `the version or its application is being deleted: ${message}`,
    nextStep: "Wait until it is gone; or publish under a new version number.",
  },
  {
    service: "gallery",
    code: /^GalleryApplicationVersionInternalError$|^Internal/,
    kind: "transient",
    as: "gallery-error",
    says: ({ message }) => `the gallery stumbled: ${message}`,
    nextStep: WAIT,
  },
  {
    service: "gallery",
    status: 401,
    kind: "final",
    as: "gallery-sign-in",
    says: ({ message }) => `Azure did not accept the pipeline's sign-in: ${message}`,
    nextStep:
      "Check that the function app has its managed identity, and that it lives in the gallery's tenant.",
  },
  {
    service: "gallery",
    status: 403,
    kind: "final",
    as: "may-not-publish",
    says: ({ message }) => `the pipeline may not do this in the gallery: ${message}`,
    nextStep:
      "Give the pipeline's identity the publisher role on the gallery (infra/roles.json names its actions).",
  },
  {
    service: "gallery",
    status: 404,
    kind: "final",
    as: "gallery-not-found",
    says: ({ message }) => `Azure does not find the gallery or the application: ${message}`,
    nextStep: "Check the setting GALLERY_ID, and that the application exists or has a profile.",
  },
  {
    service: "gallery",
    status: 409,
    kind: "busy",
    as: "busy",
    says: ({ message }) => `another operation is under way: ${message}`,
    nextStep: WAIT,
  },
  {
    service: "gallery",
    code: /OperationNotAllowed|Conflict/,
    kind: "busy",
    as: "busy",
    says: ({ message }) => `another operation is under way: ${message}`,
    nextStep: WAIT,
  },
  {
    service: "gallery",
    status: 400,
    kind: "final",
    as: "gallery-refused",
    says: ({ message }) => `the gallery does not take the version: ${message}`,
    nextStep: "Change what the message names in the manifest or the profile, then submit again.",
  },

  // The gallery's role.
  {
    service: "access",
    code: /^PrincipalNotFound$/,
    kind: "transient",
    as: "identity-not-found",
    says: "Entra does not know the gallery's identity yet",
    nextStep: "Nothing to do for a new identity. If it stays so, check the setting GALLERY_IDENTITY.",
  },
  {
    service: "access",
    code: /^RoleAssignmentExists$/,
    kind: "final",
    as: "role-assignment-exists",
    says: "somebody else has assigned the role to the gallery's identity",
    nextStep: "Nothing to do: the pipeline uses that assignment and leaves it alone.",
  },
  {
    service: "access",
    code: /^RoleAssignmentUpdateNotPermitted$/,
    kind: "final",
    as: "role-assignment-taken",
    says: ({ message }) => `the name of the gallery's role assignment is taken by another one: ${message}`,
    nextStep: ({ galleryScope = "the container packages" }) =>
      `Delete the role assignment of that name on ${galleryScope}; the pipeline makes its own anew.`,
  },
  {
    service: "access",
    code: /^RoleAssignmentLimitExceeded$/,
    kind: "final",
    as: "too-many-role-assignments",
    says: "the subscription has no room for another role assignment (4,000)",
    nextStep: "Remove role assignments that nobody uses, then submit again.",
  },
  {
    service: "access",
    status: 403,
    kind: "final",
    as: "may-not-assign-roles",
    says: ({ message }) => `the pipeline may not assign the gallery's role: ${message}`,
    nextStep: ({ galleryScope = "the container packages", galleryRole = "Storage Blob Data Reader" }) =>
      `Give the pipeline's identity the lessor role on ${galleryScope}, with a condition that allows the role ` +
      `${galleryRole} for the gallery's present identity (a rotated identity needs the condition deployed again).`,
  },

  // A caller of storage: the Action in the drop box, the pipeline anywhere.
  {
    service: "storage",
    status: 403,
    code: /^AuthorizationFailure$/,
    kind: "final",
    as: "storage-firewall",
    says: (_, { account = "?" }) =>
      `the firewall of storage account ${quoted(account)} does not let this machine in`,
    nextStep: ({ account = "<account>" }) =>
      [
        "Pass pipeline-url, which takes releases from any runner (docs/trusted-publishing.md); or run the job on a runner inside an allowed network (self-hosted, or GitHub's private networking). The account's owner lets a runner's subnet in with:",
        "    az network vnet subnet update --ids <subnet id> --service-endpoints Microsoft.Storage",
        `    az storage account network-rule add --account-name ${account} --subnet <subnet id>`,
        "An address rule does not help a runner in the account's own Azure region, and this Action never opens the firewall.",
      ].join("\n"),
  },
  {
    service: "storage",
    status: 403,
    code: /^AuthorizationPermissionMismatch$/,
    kind: "final",
    as: "storage-role",
    says: (_, { account = "?", container = "incoming", doing = "write" }) =>
      `the signed-in identity may not ${doing} in container ${quoted(container)} of storage account ${quoted(account)}`,
    nextStep: ({ account = "<account>", container = "incoming", doing, clientId = "<client id>" }) =>
      [
        "An assignment made in the last 10 minutes may only need time, and one with a condition must cover this application's folder. Otherwise have an owner run:",
        `    az role assignment create --assignee ${clientId} --role "VM Application ${doing === "read" ? "Blob Reader" : "Uploader"}" ` +
          `--scope "$(az storage account show --name ${account} --query id --output tsv)/blobServices/default/containers/${container}"`,
      ].join("\n"),
  },
  {
    // The bytes arrived other than they were sent (block-checksums).
    service: "storage",
    status: 400,
    code: /^(?:Md5Mismatch|Crc64Mismatch)$/,
    kind: "transient",
    as: "corrupted-in-transit",
    says: "bytes changed on their way to storage, and Azure threw them away",
    nextStep: "Nothing to do: they are sent again.",
  },
  {
    service: "storage",
    status: 401,
    message: /issuer|tenant/i,
    kind: "final",
    as: "wrong-tenant",
    says: (_, { account = "?" }) =>
      `storage account ${quoted(account)} belongs to another Entra tenant than the signed-in identity`,
    nextStep: "Pass the tenant-id of the account's own tenant, and a client-id that lives there.",
  },
  {
    service: "storage",
    status: 401,
    kind: "final",
    as: "storage-sign-in",
    says: ({ message }) => `storage did not accept the sign-in: ${message}`,
    nextStep: "Check client-id and tenant-id, and that the clock of this machine is right.",
  },
  {
    service: "storage",
    status: 0,
    code: /^ENOTFOUND$/,
    kind: "final",
    as: "unknown-account",
    says: (_, { account = "?" }) =>
      `there is no storage account ${quoted(account)}: its name does not resolve`,
    nextStep: CHECK_ACCOUNT,
  },
  {
    // The resolver did not answer: that passes, unless the machine has no way to the name at all.
    service: "storage",
    status: 0,
    code: /^EAI_AGAIN$/,
    kind: "transient",
    as: "unknown-account",
    says: (_, { account = "?" }) => `the name of storage account ${quoted(account)} does not resolve`,
    nextStep: CHECK_ACCOUNT,
  },
  {
    service: "storage",
    status: 404,
    code: /^(?:ContainerNotFound|ResourceNotFound)$/,
    kind: "final",
    as: "container-missing",
    says: (_, { account = "?", container = "incoming" }) =>
      `storage account ${quoted(account)} has no container ${quoted(container)}`,
    nextStep:
      "Check storage-account: it must be the packages account of the pipeline, with its four containers.",
  },

  // Signing in.
  {
    service: "entra",
    code: /^AADSTS(?:70021|700213|700211|700212)$/,
    kind: "final",
    as: "no-federated-credential",
    says: ({ message }) => `Entra has no federated credential that matches this workflow: ${message}`,
    nextStep: ({ clientId = "of client-id" }) =>
      `Add a federated credential to the identity ${clientId} with exactly the issuer, subject and audience ` +
      "that the message shows.",
  },
  {
    service: "entra",
    code: /^AADSTS(?:700016|90002|7000229)$/,
    kind: "final",
    as: "unknown-identity",
    says: ({ message }) => `Entra does not know the identity or the tenant: ${message}`,
    nextStep: "Check client-id and tenant-id.",
  },
  {
    service: "entra",
    code: /^AADSTS700024$/,
    kind: "final",
    as: "assertion-expired",
    says: "GitHub's token had expired when Entra saw it",
    nextStep: "Check the clock of a self-hosted runner; this Action asks for a new token each time.",
  },

  // Anybody.
  {
    status: (status) => status === 0 || status === 408 || status >= 500,
    kind: "transient",
    as: "azure-unavailable",
    says: ({ status, message }) =>
      `no proper answer from Azure${status === 0 ? "" : ` (status ${status})`}: ${message}`,
    nextStep: WAIT,
  },
];
