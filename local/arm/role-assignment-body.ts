import * as z from "zod";
import type { Refused } from "./answer.ts";
import { refuse } from "./answer.ts";
import { withoutNulls } from "./body-refusal.ts";
import { nameOf } from "./resource-id.ts";

const principalTypes = ["User", "Group", "ServicePrincipal", "ForeignGroup", "Device"] as const;

const roleAssignmentBody = z.object({
  properties: z.object({
    roleDefinitionId: z.string().min(1),
    principalId: z.guid(),
    principalType: z.enum(principalTypes).optional(),
    description: z.string().optional(),
    condition: z.string().optional(),
    conditionVersion: z.string().optional(),
  }),
});

/** A role assignment as a client asks for it. */
export type SentRoleAssignment = Omit<
  z.infer<typeof roleAssignmentBody>["properties"],
  "roleDefinitionId"
> & {
  /** Last segment of the role definition's id, lower case. */
  readonly roleId: string;
};

/** Reads the body of a PUT of a role assignment. */
export function parseRoleAssignmentBody(body: unknown): Refused | { readonly sent: SentRoleAssignment } {
  const parsed = roleAssignmentBody.safeParse(withoutNulls(body));
  if (!parsed.success) {
    const at = parsed.error.issues[0]?.path.map(String).join(".") ?? "";
    // Assumed: the text.
    const message = `The request content is not a role assignment: '${at}' is missing or not valid.`;
    return { refusal: refuse(400, { code: "InvalidCreateRoleAssignmentRequest", message }) };
  }
  const { roleDefinitionId, ...properties } = parsed.data.properties;
  return { sent: { ...properties, roleId: nameOf(roleDefinitionId).toLowerCase() } };
}
