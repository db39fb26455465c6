import type { PostureFacts } from "./facts.ts";
import { type Finding, tellerOf } from "./finding.ts";
import { appPrincipals } from "./principals.ts";
import { gives, isSameId, type Power } from "./role-power.ts";

const { check } = tellerOf("Function app");
const BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";

/** Whether the function app has the rights without which nothing is published. */
export function rightsChecks(facts: PostureFacts): readonly Finding[] {
  const { assignments, roles, places } = facts;
  // That they could not be read is told of elsewhere.
  if (!("value" in assignments) || !("value" in roles)) return [];
  const container = (name: string): string =>
    `${places.packagesAccountId}/blobServices/default/containers/${name}`;
  const needed: readonly (readonly [string, Power])[] = [
    ["read the drop box", { dataAction: `${BLOBS}/read`, at: container("incoming") }],
    ["write the vault", { dataAction: `${BLOBS}/write`, at: container("packages") }],
    ["write reports", { dataAction: `${BLOBS}/write`, at: container("reports") }],
    ["read profiles", { dataAction: `${BLOBS}/read`, at: container("applications") }],
    [
      "publish versions",
      { action: "Microsoft.Compute/galleries/applications/versions/write", at: places.galleryId },
    ],
    ...(places.access === "leased"
      ? [
          [
            "lend the gallery its role",
            { action: "Microsoft.Authorization/roleAssignments/write", at: places.roleScope },
          ] as const,
        ]
      : []),
  ];
  const own = appPrincipals(facts);
  const lacking = needed.filter(
    ([, power]) =>
      !assignments.value.some(({ principalId, roleId, scope }) => {
        const role = roles.value.find(({ id }) => isSameId(id, roleId));
        return role !== undefined && own.some((id) => isSameId(id, principalId)) && gives(role, scope, power);
      }),
  );
  return [
    check("app-rights", {
      holds: lacking.length === 0,
      good: "It has the rights that it needs.",
      bad: `It has no right to ${lacking.map(([what]) => what).join(", ")}.`,
      remedy:
        "az deployment group create --resource-group GROUP --name main --parameters infra/main.bicepparam",
    }),
  ];
}
