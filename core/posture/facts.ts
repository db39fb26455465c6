import * as z from "zod";
import type { Read } from "./finding.ts";
import type { Assignment, Role } from "./role-power.ts";

// What Resource Manager answers, as far as the checks look at it. Left-out members mean Azure's defaults.
const maybe = z.boolean().nullish();

/** A storage account. */
export const accountSchema = z.object({
  properties: z.object({
    allowSharedKeyAccess: maybe,
    allowBlobPublicAccess: maybe,
    defaultToOAuthAuthentication: maybe,
    isHnsEnabled: maybe,
    minimumTlsVersion: z.string().nullish(),
    supportsHttpsTrafficOnly: maybe,
    publicNetworkAccess: z.string().nullish(),
    networkAcls: z
      .object({
        bypass: z.string().nullish(),
        defaultAction: z.string().nullish(),
        ipRules: z.array(z.object({ value: z.string() })).nullish(),
        virtualNetworkRules: z.array(z.object({ id: z.string() })).nullish(),
      })
      .nullish(),
  }),
});

const retention = z.object({ enabled: maybe }).nullish();

/** An account's blob service. */
export const blobServiceSchema = z.object({
  properties: z.object({ isVersioningEnabled: maybe, deleteRetentionPolicy: retention }),
});

/** The containers of an account. */
export const containersSchema = z.object({
  value: z.array(
    z.object({ name: z.string(), properties: z.object({ publicAccess: z.string().nullish() }) }),
  ),
});

/** The identities of a resource. */
export const identitySchema = z.object({
  type: z.string().nullish(),
  principalId: z.string().nullish(),
  userAssignedIdentities: z.record(z.string(), z.object({ principalId: z.string().nullish() })).nullish(),
});

/** A resource with identities: a gallery, a topic. */
export const withIdentitySchema = z.object({ identity: identitySchema.nullish() });

/** An Event Grid system topic. */
export const topicSchema = withIdentitySchema.extend({ properties: z.object({ source: z.string() }) });

const delivery = z.object({
  identity: z.object({ type: z.string().nullish() }).nullish(),
  destination: z
    .object({
      endpointType: z.string(),
      properties: z.object({ resourceId: z.string().nullish(), queueName: z.string().nullish() }).nullish(),
    })
    .nullish(),
});

/** The subscriptions of a topic. */
export const subscriptionsSchema = z.object({
  value: z.array(
    z.object({
      name: z.string(),
      properties: z.object({
        provisioningState: z.string().nullish(),
        destination: delivery.shape.destination,
        deliveryWithResourceIdentity: delivery.nullish(),
        deadLetterDestination: z.object({}).nullish(),
        deadLetterWithResourceIdentity: z.object({}).nullish(),
        filter: z
          .object({
            includedEventTypes: z.array(z.string()).nullish(),
            subjectBeginsWith: z.string().nullish(),
            subjectEndsWith: z.string().nullish(),
            advancedFilters: z
              .array(z.object({ key: z.string().nullish(), values: z.array(z.unknown()).nullish() }))
              .nullish(),
          })
          .nullish(),
      }),
    }),
  ),
});

/** A function app. */
export const siteSchema = withIdentitySchema.extend({
  properties: z.object({
    state: z.string().nullish(),
    defaultHostName: z.string().nullish(),
    httpsOnly: maybe,
    virtualNetworkSubnetId: z.string().nullish(),
  }),
});

/** The settings of a function app. */
export const settingsSchema = z.object({ properties: z.record(z.string(), z.string()) });

/** Whether a function app takes passwords, by what for. */
export const passwordsSchema = z.object({
  value: z.array(z.object({ name: z.string(), properties: z.object({ allow: z.boolean() }) })),
});

/** A machine and its identities. */
export const machineSchema = z.object({ id: z.string(), identity: identitySchema.nullish() });

export type Account = z.infer<typeof accountSchema>;
export type Identities = z.infer<typeof identitySchema>;
export type EventSubscription = z.infer<typeof subscriptionsSchema>["value"][number];
export type Site = z.infer<typeof siteSchema>;
export type Machine = z.infer<typeof machineSchema>;

/** What the deployment consists of, by ARM ids; what the settings do not name is undefined. */
export interface DeploymentPlaces {
  readonly packagesAccountId: string;
  readonly galleryId: string;
  /** `system`, or the id of the user-assigned identity that reads packages. */
  readonly galleryIdentity: string;
  readonly role: { readonly name: string; readonly id: string };
  readonly roleScope: string;
  readonly access: "leased" | "standing";
  readonly hostAccountId: string | undefined;
  readonly topicId: string | undefined;
  readonly functionAppId: string | undefined;
  readonly eventQueue: string | undefined;
}

/** A version and where it was published from. `blob`: whether its package is still there, where that is ours to see. */
export interface VersionBlob {
  readonly application: string;
  readonly version: string;
  readonly blob: "there" | "gone" | "elsewhere";
}

/** Somebody or something that the directory knows. */
export interface DirectoryObject {
  readonly id: string;
  readonly name: string;
}

/** A group that has a role, and who is in it, directly or through other groups. */
export interface RoleGroup {
  readonly id: string;
  readonly name: string;
  readonly members: readonly DirectoryObject[];
}

/** What only the function app sees: the insides of both accounts, and what its subnet reaches. */
export interface InsideFacts {
  readonly deadLetters: Read<number>;
  readonly poisonMessages: Read<number>;
  /** Hosts that the app must reach, and what stood in the way. */
  readonly hosts: readonly {
    readonly host: string;
    readonly purpose: string;
    readonly fault: string | null;
  }[];
  readonly profiles: Read<readonly { readonly name: string; readonly text: string }[]>;
  readonly versions: Read<readonly VersionBlob[]>;
}

/** Everything that the checks judge. */
export interface PostureFacts {
  readonly places: DeploymentPlaces;
  /** ISO 8601. */
  readonly at: string;
  readonly packagesAccount: Read<Account>;
  readonly blobService: Read<z.infer<typeof blobServiceSchema>>;
  readonly containers: Read<z.infer<typeof containersSchema>>;
  readonly hostAccount: Read<Account>;
  readonly gallery: Read<z.infer<typeof withIdentitySchema>>;
  readonly topic: Read<z.infer<typeof topicSchema>>;
  readonly subscriptions: Read<z.infer<typeof subscriptionsSchema>>;
  readonly app: Read<Site>;
  readonly settings: Read<z.infer<typeof settingsSchema>>;
  readonly passwords: Read<z.infer<typeof passwordsSchema>>;
  readonly assignments: Read<readonly Assignment[]>;
  readonly roles: Read<readonly Role[]>;
  readonly machines: Read<readonly Machine[]>;
  /** The groups of {@link groupsWithPower} and {@link groupsThatDrop}; only the directory knows who is in them. */
  readonly groups: Read<readonly RoleGroup[]>;
  /** Who may approve hand drops, as the directory knows; empty without endpoints. Undefined: whoever looks cannot see it. */
  readonly approvers: Read<readonly DirectoryObject[]> | undefined;
  /** Undefined: whoever looks cannot see it. */
  readonly inside: InsideFacts | undefined;
}
