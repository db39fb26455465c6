import type { AccessControl, Network } from "../world.ts";
import { admitsNetwork, containerId } from "./account.ts";
import type { AccountName, AccountRules } from "./account.ts";
import type { BlobRequest } from "./blob-request.ts";
import type { Caller } from "./caller.ts";
import type { Operation, Right } from "./operations.ts";
import { badToken, refusals } from "./refusals.ts";
import type { Refusal } from "./refusals.ts";

/** A permitted request: with which credentials it goes on, and whether it may only create. */
export type Permit = {
  /** `own` credentials are checked by the store itself; `store` ones replace a caller's whose rights were checked here. */
  readonly credentials: "own" | "store";
  readonly createOnly: boolean;
};

/** What the decision is made from. */
export type AuthorizationContext = {
  readonly account: AccountName;
  readonly rules: AccountRules;
  readonly access: AccessControl;
  readonly authorizationUri: string;
  blobExists(container: string, path: string): Promise<boolean>;
};

const blobServices = "Microsoft.Storage/storageAccounts/blobServices";

/** Decides whether a request is served: the firewall first, then the account's rules, then the caller's roles. */
export async function authorize(
  context: AuthorizationContext,
  request: BlobRequest,
  operation: Operation,
  caller: Caller,
  network: Network,
): Promise<Refusal | Permit> {
  const { rules } = context;
  if (!admitsNetwork(rules, network)) return refusals.firewall;
  switch (caller.kind) {
    case "shared-key":
      return rules.allowSharedKeyAccess ? { credentials: "own", createOnly: false } : refusals.sharedKey;
    case "user-delegation-sas":
      // Nobody here ever got a delegation key, so the signature cannot be right.
      return refusals.badSignature;
    case "anonymous":
      return rules.allowBlobPublicAccess ? refusals.notFound : refusals.publicAccess;
    case "bad-token":
      return badToken(context.authorizationUri);
    case "identity":
      return authorizeIdentity(context, request, operation.right, caller.principalId);
  }
}

/** Whether an identity may read a blob, as the source of a copy. */
export function mayRead(context: AuthorizationContext, request: BlobRequest, principalId: string): boolean {
  return allows(context, request, principalId, `${blobServices}/containers/blobs/read`, true);
}

async function authorizeIdentity(
  context: AuthorizationContext,
  request: BlobRequest,
  right: Right,
  principalId: string,
): Promise<Refusal | Permit> {
  const may = (action: string, isDataAction: boolean) =>
    allows(context, request, principalId, `${blobServices}/${action}`, isDataAction);
  if (right === "create") return authorizeCreation(context, request, (action) => may(action, true));
  const allowed =
    right === "generateUserDelegationKey"
      ? may("generateUserDelegationKey/action", false)
      : right.startsWith("blobs/")
        ? may(`containers/${right}`, true)
        : may(right, false);
  return allowed ? { credentials: "store", createOnly: false } : refusals.missingRight;
}

async function authorizeCreation(
  context: AuthorizationContext,
  { container = "", path = "" }: BlobRequest,
  may: (action: string) => boolean,
): Promise<Refusal | Permit> {
  const isNew = !(await context.blobExists(container, path));
  if (isNew && may("containers/blobs/add/action")) return { credentials: "store", createOnly: true };
  return may("containers/blobs/write") ? { credentials: "store", createOnly: false } : refusals.missingRight;
}

function allows(
  { access, account }: AuthorizationContext,
  { container, path }: BlobRequest,
  principalId: string,
  action: string,
  isDataAction: boolean,
): boolean {
  // Delegation keys and the list of containers belong to the account, so a role on a container does not reach them.
  const scope = container === undefined ? account.id : containerId(account, container);
  const attributes = {
    ...(container !== undefined && { [`${blobServices}/containers:name`]: container }),
    ...(path !== undefined && { [`${blobServices}/containers/blobs:path`]: path }),
  };
  return access.isAllowed({ principalId, action, isDataAction, scope, attributes });
}
