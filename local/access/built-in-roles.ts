import type { RoleDefinition } from "./role-definition.ts";

const storage = "Microsoft.Storage/storageAccounts";
const containers = `${storage}/blobServices/containers`;
const messages = `${storage}/queueServices/queues/messages`;

// The ids and rights of Azure's own roles, as far as the project or its users may assign them here.
const roles: readonly (Partial<RoleDefinition> & Pick<RoleDefinition, "name" | "id">)[] = [
  { name: "Owner", id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", actions: ["*"] },
  {
    name: "Contributor",
    id: "b24988ac-6180-42a0-ab88-20f7382dd24c",
    actions: ["*"],
    notActions: ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"],
  },
  { name: "Reader", id: "acdd72a7-3385-48ef-bd42-f606fba81ae7", actions: ["*/read"] },
  {
    name: "User Access Administrator",
    id: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    actions: ["*/read", "Microsoft.Authorization/*"],
  },
  {
    name: "Role Based Access Control Administrator",
    id: "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    actions: [
      "Microsoft.Authorization/roleAssignments/write",
      "Microsoft.Authorization/roleAssignments/delete",
      "*/read",
    ],
  },
  {
    name: "Compute Gallery Artifacts Publisher",
    id: "85a2d0d9-2eba-4c9c-b355-11c2cc0788ab",
    actions: ["Microsoft.Compute/galleries/*", "Microsoft.Compute/locations/capsOperations/read"],
  },
  {
    name: "Storage Account Contributor",
    id: "17d1049b-9a84-46fb-8f53-869881c3d3ab",
    actions: [`${storage}/*`],
  },
  {
    name: "Storage Blob Data Owner",
    id: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    actions: [`${containers}/*`, `${storage}/blobServices/generateUserDelegationKey/action`],
    dataActions: [`${containers}/blobs/*`],
  },
  {
    name: "Storage Blob Data Contributor",
    id: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    actions: [
      `${containers}/delete`,
      `${containers}/read`,
      `${containers}/write`,
      `${storage}/blobServices/generateUserDelegationKey/action`,
    ],
    dataActions: ["delete", "read", "write", "move/action", "add/action"].map(
      (each) => `${containers}/blobs/${each}`,
    ),
  },
  {
    name: "Storage Blob Data Reader",
    id: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    actions: [`${containers}/read`, `${storage}/blobServices/generateUserDelegationKey/action`],
    dataActions: [`${containers}/blobs/read`],
  },
  {
    name: "Storage Blob Delegator",
    id: "db58b8e5-c6ad-4a2a-8342-4190687cbf4a",
    actions: [`${storage}/blobServices/generateUserDelegationKey/action`],
  },
  {
    name: "Storage Queue Data Contributor",
    id: "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    actions: ["delete", "read", "write"].map((each) => `${storage}/queueServices/queues/${each}`),
    dataActions: ["delete", "read", "write", "process/action"].map((each) => `${messages}/${each}`),
  },
  {
    name: "Storage Queue Data Message Processor",
    id: "8a0f0c08-91a1-4084-bc3d-661d67233fed",
    dataActions: [`${messages}/read`, `${messages}/process/action`],
  },
  {
    name: "Storage Queue Data Message Sender",
    id: "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
    dataActions: [`${messages}/add/action`],
  },
  {
    name: "Storage Table Data Contributor",
    id: "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    actions: ["delete", "read", "write"].map((each) => `${storage}/tableServices/tables/${each}`),
    dataActions: [`${storage}/tableServices/tables/entities/*`],
  },
  // The local host neither sends telemetry nor has a scheduler: these two are assigned and never used.
  { name: "Monitoring Metrics Publisher", id: "3913510d-42f4-4e42-8a64-420c390055eb" },
  { name: "Durable Task Data Contributor", id: "0ad04412-c4d5-4796-b79c-f76d14c8d402" },
];

/** Azure's built-in roles that the local Azure knows. */
export const builtInRoles: readonly RoleDefinition[] = roles.map((role) => ({
  actions: [],
  notActions: [],
  dataActions: [],
  ...role,
}));

/** The id of a built-in role that the local Azure knows. */
export function builtInRoleId(name: string): string {
  const role = builtInRoles.find((each) => each.name === name);
  if (role === undefined) throw new Error(`the local Azure knows no role "${name}"`);
  return role.id;
}
