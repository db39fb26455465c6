import { AuthorizationManagementClient, type RoleAssignment } from "@azure/arm-authorization";
import type { TokenCredential } from "@azure/identity";
import { roleAssignmentName } from "../../core/naming.ts";
import { ROLE_MARK as MARK } from "../../core/role-mark.ts";
import { type Access, AzureRefusal } from "../ports.ts";
import { asking, isRefusal, withinSeconds } from "./answers.ts";
import { type Arm, correlationPolicy, noRetries } from "./arm-requests.ts";

/** Which role is assigned, and where. */
export interface RolePlace {
  readonly subscriptionId: string;
  readonly roleId: string;
  /** The ARM id of the account, or of its container. */
  readonly scope: string;
}

/** The role assignments in Azure. */
export function azureAccess(credential: TokenCredential, arm: Arm, place: RolePlace): Access {
  const { roleAssignments } = new AuthorizationManagementClient(credential, place.subscriptionId, {
    endpoint: arm.endpoint,
    $host: arm.endpoint,
    credentialScopes: arm.scope,
    additionalPolicies: [{ policy: correlationPolicy, position: "perCall" }],
    retryOptions: noRetries,
  });
  // The SDK puts a slash before the scope.
  const scope = place.scope.replace(/^\/+/, "");
  const roleDefinitionId = `/subscriptions/${place.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${place.roleId}`;
  const nameFor = (principalId: string): string => roleAssignmentName(place.scope, place.roleId, principalId);

  async function find(name: string, abortSignal: AbortSignal): Promise<RoleAssignment | undefined> {
    try {
      return await asking("access", () => roleAssignments.get(scope, name, { abortSignal }));
    } catch (error) {
      if (isRefusal(error, 404)) return undefined;
      throw error;
    }
  }

  return {
    async grant(principalId) {
      // The lease lets nobody else in meanwhile, so all requests together get this long.
      const abortSignal = withinSeconds(20);
      const name = nameFor(principalId);
      const present = await find(name, abortSignal);
      if (present) return present.description === MARK ? "granted" : "foreign";
      // Conditions on the pipeline's own rights look at the principal's type in the request.
      const wanted = { roleDefinitionId, principalId, principalType: "ServicePrincipal", description: MARK };
      try {
        await asking("access", () => roleAssignments.create(scope, name, wanted, { abortSignal }));
      } catch (error) {
        if (!isRefusal(error, 409, "RoleAssignmentExists")) throw error;
      }
      const found = await find(name, abortSignal);
      // Another name for the same role: somebody else's.
      return found?.description === MARK ? "granted" : "foreign";
    },

    async revoke(principalId) {
      const abortSignal = withinSeconds(20);
      const name = nameFor(principalId);
      const found = await find(name, abortSignal);
      if (!found) return "absent";
      if (found.description !== MARK) return "foreign";
      await asking("access", () => roleAssignments.delete(scope, name, { abortSignal }));
      if (await find(name, abortSignal)) throw new AzureRefusal(stillThere(name));
      return "revoked";
    },

    assignmentName: nameFor,

    granted: () =>
      asking("access", async () => {
        const ours: string[] = [];
        const options = { filter: "atScope()", abortSignal: withinSeconds(20) };
        for await (const { name, principalId = "", description } of roleAssignments.listForScope(
          scope,
          options,
        )) {
          if (description === MARK && name === nameFor(principalId)) ours.push(principalId);
        }
        return ours;
      }),
  };
}

function stillThere(name: string) {
  return {
    service: "access",
    status: 0,
    code: "StillThere",
    message: `role assignment ${name} was deleted and is still there`,
  } as const;
}
