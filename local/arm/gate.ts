import type { LocalIdentity } from "../world.ts";
import { isSupported, neededAction } from "./actions.ts";
import type { ArmAnswer } from "./answer.ts";
import { refuse } from "./answer.ts";
import { apiVersionRefusal } from "./api-versions.ts";
import type { ArmContext } from "./context.ts";
import { roleAttributes } from "./role-attributes.ts";
import type { Target } from "./routes.ts";
import { targetOf } from "./routes.ts";

/** A request as it came over the wire. */
export type IncomingRequest = {
  readonly method: string;
  readonly rawPath: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
};

/** The gate's decision; the caller is named even when refused, if known. */
export type Admission =
  | { readonly refusal: ArmAnswer; readonly caller?: LocalIdentity | undefined }
  | { readonly target: Target; readonly caller: LocalIdentity; readonly apiVersion: string };

/** Everything that Resource Manager checks before a resource provider sees a request. */
export async function admit(
  context: ArmContext,
  request: IncomingRequest,
  verifyCaller: (authorization: string | undefined) => Promise<LocalIdentity | undefined>,
): Promise<Admission> {
  const apiVersion = new URLSearchParams(request.rawPath.split("?")[1] ?? "").get("api-version");
  if (!apiVersion) return { refusal: missingApiVersion };
  const caller = await verifyCaller(request.authorization);
  if (!caller) return { refusal: unauthenticated(context, request.authorization) };
  const target = targetOf(request.rawPath);
  if (!target || !isSupported(request.method, target.kind)) return { refusal: unsupported(request), caller };
  // Everybody may ask for their subscriptions; the answer names those in which they have a role.
  // So may everybody query the graph; the answer has what they may read.
  if (target.kind === "subscriptions" || target.kind === "resource-graph")
    return { target, caller, apiVersion };
  const refusal =
    subscriptionRefusal(context, target) ??
    authorizationRefusal(context, request, target, caller) ??
    apiVersionRefusal(target, apiVersion, context.settings) ??
    resourceGroupRefusal(context, target);
  return refusal ? { refusal, caller } : { target, caller, apiVersion };
}

const missingApiVersion = refuse(400, {
  code: "MissingApiVersionParameter",
  message: "The api-version query parameter (?api-version=) is required for all requests.",
});

function unauthenticated(context: ArmContext, authorization: string | undefined): ArmAnswer {
  const message =
    authorization === undefined
      ? "Authentication failed. The 'Authorization' header is missing."
      : "The access token is invalid.";
  const code = authorization === undefined ? "AuthenticationFailed" : "InvalidAuthenticationToken";
  const challenge =
    `Bearer authorization_uri="https://login.microsoftonline.com/${context.tenantId}", ` +
    `error="invalid_token", error_description="${message}"`;
  return refuse(401, { code, message }, { "www-authenticate": challenge });
}

// Not an answer of Azure's: this Resource Manager does what the project needs and refuses the rest loudly.
function unsupported(request: IncomingRequest): ArmAnswer {
  const path = request.rawPath.split("?")[0] ?? "";
  return refuse(501, {
    code: "NotSupportedLocally",
    message: `The local Azure does not do ${request.method} ${path}.`,
  });
}

function subscriptionRefusal(context: ArmContext, target: Target): ArmAnswer | undefined {
  if (context.state.hasSubscription(target.subscription)) return undefined;
  const message = `The subscription '${target.subscription}' could not be found.`;
  return refuse(404, { code: "SubscriptionNotFound", message });
}

function resourceGroupRefusal(context: ArmContext, target: Target): ArmAnswer | undefined {
  if (target.resourceGroup === "" || context.state.hasResourceGroup(target.id)) return undefined;
  const message = `Resource group '${target.resourceGroup}' could not be found.`;
  return refuse(404, { code: "ResourceGroupNotFound", message });
}

function authorizationRefusal(
  context: ArmContext,
  request: IncomingRequest,
  target: Target,
  caller: LocalIdentity,
): ArmAnswer | undefined {
  const { action, scope } = neededAction(request.method, target);
  const attributes = target.kind === "role-assignment" ? roleAttributes(context, request, target) : undefined;
  const question = { principalId: caller.principalId, action, isDataAction: false, scope };
  if (context.access.isAllowed({ ...question, ...(attributes && { attributes }) })) return undefined;
  return refuse(403, { code: "AuthorizationFailed", message: notAuthorized(caller, action, scope) });
}

/** What Resource Manager says to a caller who lacks a right. */
export function notAuthorized(caller: LocalIdentity, action: string, scope: string): string {
  const lack = action.startsWith("Microsoft.Authorization/roleAssignments/")
    ? "does not have authorization or an ABAC condition not fulfilled to perform action"
    : "does not have authorization to perform action";
  return (
    `The client '${caller.clientId}' with object id '${caller.principalId}' ${lack} '${action}' over scope ` +
    `'${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`
  );
}
