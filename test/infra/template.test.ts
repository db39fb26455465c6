import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configFrom } from "../../functions/config.ts";
import { versionsWritten } from "../../core/version-event.ts";
import { blobsCreated } from "../../core/event.ts";
import { aPlan, bodiesOf, group, infra, people } from "./a-plan.ts";
import type { Plan } from "./bicep/deployment.ts";
import type { Value } from "./bicep/functions.ts";

const accounts = "Microsoft.Storage/storageAccounts";
const packages = "vmapps4f76d5cd7d174";
const host = "vmappsfn4f76d5cd7d174";
const hostings = [{ hosting: "flex" }, { hosting: "premium" }];

function onlyBodyOf(plan: Plan, type: string): Value {
  const bodies = Object.values(bodiesOf(plan, type));
  expect(bodies).toHaveLength(1);
  return bodies[0];
}

function settingsOf(plan: Plan): Record<string, string> {
  const { siteConfig } = onlyBodyOf(plan, "Microsoft.Web/sites").properties;
  return Object.fromEntries(siteConfig.appSettings.map(({ name, value }: Value) => [name, value]));
}

describe("both storage accounts", () => {
  it.each([packages, host])(
    "%s takes no key, no anonymous reader, no old TLS, and denies by default",
    (name) => {
      const { properties, kind } = bodiesOf(aPlan(), accounts)[name];
      expect(kind).toBe("StorageV2");
      expect(properties).toMatchObject({
        allowBlobPublicAccess: false,
        allowSharedKeyAccess: false,
        allowCrossTenantReplication: false,
        defaultToOAuthAuthentication: true,
        isHnsEnabled: false,
        isLocalUserEnabled: false,
        minimumTlsVersion: "TLS1_2",
        supportsHttpsTrafficOnly: true,
        networkAcls: { defaultAction: "Deny", bypass: "AzureServices" },
      });
    },
  );

  it("let in the function app's subnet and nobody else, when nothing is said", () => {
    for (const { properties } of Object.values(bodiesOf(aPlan(), accounts))) {
      const { virtualNetworkRules, ipRules } = properties.networkAcls;
      expect(virtualNetworkRules.map(({ id }: Value) => id)).toEqual([
        `${group}/providers/Microsoft.Network/virtualNetworks/vmapps-network/subnets/functions`,
      ]);
      expect(ipRules).toEqual([]);
    }
  });

  it("let runners reach the packages account only, and deployers the host account only", () => {
    const plan = aPlan({
      runnerAddressRanges: ["192.0.2.0/24"],
      runnerSubnetIds: ["/runners"],
      deployerAddressRanges: ["198.51.100.7"],
    });
    const { [packages]: packagesAccount, [host]: hostAccount } = bodiesOf(plan, accounts);
    expect(packagesAccount.properties.networkAcls.ipRules).toEqual([
      { value: "192.0.2.0/24", action: "Allow" },
    ]);
    expect(packagesAccount.properties.networkAcls.virtualNetworkRules).toContainEqual({
      id: "/runners",
      action: "Allow",
    });
    expect(hostAccount.properties.networkAcls.ipRules).toEqual([{ value: "198.51.100.7", action: "Allow" }]);
  });

  it("have containers that are never public", () => {
    const containers = bodiesOf(aPlan(), `${accounts}/blobServices/containers`);
    expect(Object.keys(containers).sort()).toEqual(
      [
        ...["incoming", "packages", "reports", "applications"].map((name) => `${packages}/default/${name}`),
        ...["deployments", "dead-letters"].map((name) => `${host}/default/${name}`),
      ].sort(),
    );
    for (const { properties } of Object.values(containers)) expect(properties.publicAccess).toBe("None");
  });

  it("get private endpoints when asked", () => {
    const endpoints = bodiesOf(aPlan({ privateEndpoints: true }), "Microsoft.Network/privateEndpoints");
    expect(Object.keys(endpoints).sort()).toEqual(
      ["vmapps-packages-blob", "vmapps-host-blob", "vmapps-host-queue", "vmapps-host-table"].sort(),
    );
    expect(bodiesOf(aPlan(), "Microsoft.Network/privateEndpoints")).toEqual({});
  });
});

describe("the packages account", () => {
  it("keeps old versions and deleted blobs", () => {
    expect(bodiesOf(aPlan(), `${accounts}/blobServices`)[`${packages}/default`].properties).toMatchObject({
      isVersioningEnabled: true,
      deleteRetentionPolicy: { enabled: true },
      containerDeleteRetentionPolicy: { enabled: true },
    });
  });

  it("empties the drop box after 30 days and nothing else", () => {
    const { rules } = onlyBodyOf(aPlan(), `${accounts}/managementPolicies`).properties.policy;
    expect(rules).toHaveLength(1);
    expect(rules[0].definition.filters.prefixMatch).toEqual(["incoming/"]);
    expect(rules[0].definition.actions.baseBlob.delete.daysAfterModificationGreaterThan).toBe(30);
  });
});

describe("the function app", () => {
  it.each(hostings)("takes no password, no plain HTTP and no Easy Auth (%j)", (parameters) => {
    const plan = aPlan(parameters);
    const site = onlyBodyOf(plan, "Microsoft.Web/sites");
    expect(site.properties).toMatchObject({
      httpsOnly: true,
      siteConfig: { ftpsState: "Disabled", minTlsVersion: "1.2" },
    });
    const passwords = Object.values(bodiesOf(plan, "Microsoft.Web/sites/basicPublishingCredentialsPolicies"));
    expect(passwords.map(({ properties }) => properties.allow)).toEqual([false, false]);
    expect(onlyBodyOf(plan, "Microsoft.Web/sites/config").properties.platform.enabled).toBe(false);
  });

  it.each(hostings)("runs as its own identity inside the network (%j)", (parameters) => {
    const { identity, properties } = onlyBodyOf(aPlan(parameters), "Microsoft.Web/sites");
    expect(identity.type).toBe("UserAssigned");
    expect(Object.keys(identity.userAssignedIdentities)).toEqual([
      `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/vmapps-pipeline`,
    ]);
    expect(properties.virtualNetworkSubnetId).toMatch(/\/subnets\/functions$/);
  });

  it.each(hostings)("has settings that the app accepts, without a secret (%j)", (parameters) => {
    const settings = settingsOf(
      aPlan({ ...parameters, apiAudience: "api://pipeline", githubAudience: "https://x.example" }),
    );
    expect(configFrom(settings)).toMatchObject({
      github: { audience: "https://x.example" },
      packagesEndpoint: `https://${packages}.blob.core.example`,
      gallery: { name: "vmappsgallery", resourceGroup: "vm-applications" },
      galleryIdentity: "system",
      eventQueue: "blob-events",
    });
    expect(JSON.stringify(settings)).not.toMatch(/AccountKey|SharedAccess|[?&]sig=|password/i);
    expect(Object.keys(settings).filter((name) => /^AzureWebJobsStorage$|^EventQueue$/.test(name))).toEqual(
      [],
    );
  });

  it("gets Node, instance limit and code from the plan's own configuration on Flex Consumption", () => {
    const plan = aPlan({ nodeVersion: "24", maximumInstances: 7 });
    const { functionAppConfig } = onlyBodyOf(plan, "Microsoft.Web/sites").properties;
    expect(onlyBodyOf(plan, "Microsoft.Web/serverfarms").sku.name).toBe("FC1");
    expect(functionAppConfig).toMatchObject({
      runtime: { name: "node", version: "24" },
      scaleAndConcurrency: { maximumInstanceCount: 7 },
      deployment: { storage: { authentication: { type: "UserAssignedIdentity" } } },
    });
    expect(settingsOf(plan)).not.toHaveProperty("FUNCTIONS_WORKER_RUNTIME");
  });

  it("gets them from settings on Premium", () => {
    const plan = aPlan({ hosting: "premium", maximumInstances: 7 });
    const { siteConfig, functionAppConfig } = onlyBodyOf(plan, "Microsoft.Web/sites").properties;
    expect(onlyBodyOf(plan, "Microsoft.Web/serverfarms").sku.name).toBe("EP1");
    expect(functionAppConfig).toBeNull();
    expect(siteConfig).toMatchObject({ linuxFxVersion: "NODE|22", functionAppScaleLimit: 7 });
    expect(settingsOf(plan)).toHaveProperty("WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID");
  });

  it.each([
    ["flex", "Microsoft.App/environments"],
    ["premium", "Microsoft.Web/serverFarms"],
  ])("has a subnet delegated as %s needs it", (hosting, service) => {
    const [subnet] = onlyBodyOf(aPlan({ hosting }), "Microsoft.Network/virtualNetworks").properties.subnets;
    expect(subnet.properties.delegations[0].properties.serviceName).toBe(service);
    expect(subnet.properties.serviceEndpoints).toEqual([{ service: "Microsoft.Storage" }]);
    expect(subnet.properties.natGateway).toBeNull();
  });

  it("goes out by one address when asked", () => {
    const [subnet] = onlyBodyOf(aPlan({ natGateway: true }), "Microsoft.Network/virtualNetworks").properties
      .subnets;
    expect(subnet.properties.natGateway.id).toMatch(/natGateways\/vmapps-nat$/);
  });

  it("ends a function after 30 minutes", () => {
    const hostFile: Value = JSON.parse(readFileSync(join(infra, "../host.json"), "utf8"));
    expect(hostFile.functionTimeout).toBe("00:30:00");
  });

  it("tells stories of one edition from those of the next, which extension bundles know from 4.26 on", () => {
    const hostFile: Value = JSON.parse(readFileSync(join(infra, "../host.json"), "utf8"));
    expect(hostFile.extensions.durableTask.defaultVersion).toMatch(/^[1-9]\d*$/);
    const [, least = ""] = /^\[4\.(\d+)\./.exec(hostFile.extensionBundle.version) ?? [];
    expect(Number(least)).toBeGreaterThanOrEqual(26);
  });

  it("keeps orchestrations in a Durable Task Scheduler by one parameter, under the same hub", () => {
    const settings = settingsOf(aPlan({ durableBackend: "scheduler" }));
    const hostFile: Value = JSON.parse(readFileSync(join(infra, "../host.json"), "utf8"));
    const prefix = "AzureFunctionsJobHost__extensions__durableTask__";
    expect(settings[`${prefix}storageProvider__type`]).toBe("azureManaged");
    expect(settings[`${prefix}hubName`]).toBe(hostFile.extensions.durableTask.hubName);
    expect(settingsOf(aPlan())).not.toHaveProperty(`${prefix}hubName`);
  });

  it("sends telemetry by its identity: no key is accepted", () => {
    const plan = aPlan();
    expect(onlyBodyOf(plan, "Microsoft.Insights/components").properties.DisableLocalAuth).toBe(true);
    expect(settingsOf(plan)["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]).toMatch(
      /^ClientId=.+;Authorization=AAD$/,
    );
  });
});

describe("the gallery", () => {
  const galleries = "Microsoft.Compute/galleries";
  const existing = {
    [`${group}/providers/${galleries}/images`.toLowerCase()]: {
      location: "westeurope",
      tags: { team: "images" },
      identity: { type: "UserAssigned", userAssignedIdentities: { "/OTHER/identity": { principalId: "p" } } },
      properties: { description: "ours", provisioningState: "Succeeded", identifier: { uniqueName: "U" } },
    },
  };

  it("reads with its own identity, or with one made for it", () => {
    const user = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/vmapps-gallery`;
    expect(onlyBodyOf(aPlan(), galleries).identity).toEqual({
      type: "SystemAssigned",
      userAssignedIdentities: null,
    });
    const plan = aPlan({ galleryIdentity: "user" });
    expect(onlyBodyOf(plan, galleries).identity).toEqual({
      type: "UserAssigned",
      userAssignedIdentities: { [user]: {} },
    });
    expect(settingsOf(plan)["GALLERY_IDENTITY"]).toBe(user);
  });

  it.each([
    ["system", "SystemAssigned, UserAssigned", ["/other/identity"]],
    [
      "user",
      "UserAssigned",
      ["/other/identity", expect.stringMatching(/userassignedidentities\/vmapps-gallery$/)],
    ],
  ])("keeps what it has when it exists (%s)", (galleryIdentity, type, identities) => {
    const plan = aPlan({ existingGallery: true, galleryName: "images", galleryIdentity }, { existing });
    const gallery = onlyBodyOf(plan, galleries);
    expect(gallery).toMatchObject({
      location: "westeurope",
      tags: { team: "images" },
      properties: { description: "ours" },
    });
    expect(Object.keys(gallery.properties)).toEqual(["description"]);
    expect(gallery.identity.type).toBe(type);
    expect(Object.keys(gallery.identity.userAssignedIdentities)).toEqual(identities);
  });
});

describe("events", () => {
  const topics = "Microsoft.EventGrid/systemTopics";
  const subscriptions = `${topics}/eventSubscriptions`;

  it("come to the queue by the topic's own identity, and dead letters are kept", () => {
    const { properties } = onlyBodyOf(aPlan(), subscriptions);
    const identity = { type: "SystemAssigned" };
    expect(properties.deliveryWithResourceIdentity).toMatchObject({
      identity,
      destination: { endpointType: "StorageQueue", properties: { queueName: "blob-events" } },
    });
    expect(properties.deadLetterWithResourceIdentity).toMatchObject({
      identity,
      deadLetterDestination: { properties: { blobContainerName: "dead-letters" } },
    });
    expect(properties.retryPolicy).toEqual({ maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 });
  });

  it("are those that the pipeline takes, of the drop box", () => {
    const { filter } = onlyBodyOf(aPlan(), subscriptions).properties;
    expect(filter.includedEventTypes).toEqual(["Microsoft.Storage.BlobCreated"]);
    expect(filter.subjectBeginsWith).toBe("/blobServices/default/containers/incoming/");
    const [{ key, values }] = filter.advancedFilters;
    expect(key).toBe("data.api");
    const subject = `${filter.subjectBeginsWith}blobs/app/1.0.0/file`;
    const taken = [
      "PutBlob",
      "PutBlockList",
      "CopyBlob",
      "FlushWithClose",
      "SftpCommit",
      "CreateFile",
      "SftpCreate",
    ].filter(
      (api) =>
        blobsCreated({ topic: "/t", subject, eventType: "Microsoft.Storage.BlobCreated", data: { api } })
          .length > 0,
    );
    expect(values).toEqual(taken);
  });

  it("come from a topic that the account already has", () => {
    const id = `${group}/providers/${topics}/theirs`.toLowerCase();
    const place = { existing: { [id]: { identity: { type: "SystemAssigned" } } } };
    const plan = aPlan({ existingTopicName: "theirs" }, place);
    expect(bodiesOf(plan, topics)).toEqual({});
    expect(Object.keys(bodiesOf(plan, subscriptions))).toEqual(["theirs/vm-application-submissions"]);
  });

  it("of versions that were written come too, when a story is to be woken by them", () => {
    const plan = aPlan({ wakeOnReplication: true });
    const wake = bodiesOf(plan, subscriptions)["vmapps-resources/vm-application-versions"];
    expect(bodiesOf(plan, topics)["vmapps-resources"]).toMatchObject({
      location: "global",
      properties: {
        source: expect.stringMatching(/^\/subscriptions\/[^/]+\/resourceGroups\/vm-applications$/),
        topicType: "Microsoft.Resources.ResourceGroups",
      },
    });
    expect(wake.properties.deliveryWithResourceIdentity.destination.properties.queueName).toBe("blob-events");
    const { includedEventTypes, subjectBeginsWith } = wake.properties.filter;
    const [eventType] = includedEventTypes;
    const event = { subject: `${subjectBeginsWith}app/versions/1.0.0`, eventType };
    expect(versionsWritten(event)).toMatchObject([{ application: "app", version: "1.0.0" }]);
    expect(Object.keys(bodiesOf(aPlan(), subscriptions))).toHaveLength(1);
  });

  it("can call the Event Grid trigger instead, once the code is there", () => {
    const plan = aPlan({ eventDelivery: "trigger" });
    expect(bodiesOf(plan, subscriptions)).toEqual({});
    expect(settingsOf(plan)["EVENT_QUEUE"]).toBe("");
    const later = aPlan(
      { topicName: "vmapps-packages", functionAppName: "app", hostAccountName: host },
      {},
      "event-grid-trigger.bicep",
    );
    const { destination, filter } = onlyBodyOf(later, subscriptions).properties;
    expect(destination.properties.resourceId).toMatch(/sites\/app\/functions\/blobArrivedFromEventGrid$/);
    expect(filter).toEqual(onlyBodyOf(aPlan(), subscriptions).properties.filter);
  });
});

describe("uploaders", () => {
  const credentials = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials";

  it.each([
    ["AzureCloud", "api://AzureADTokenExchange"],
    ["AzureChinaCloud", "api://AzureADTokenExchangeChina"],
    ["AzureUSGovernment", "api://AzureADTokenExchangeUSGov"],
  ])("sign in with the job's token in %s", (cloud, audience) => {
    expect(onlyBodyOf(aPlan({}, { cloud }), credentials).properties).toEqual({
      issuer: "https://token.actions.githubusercontent.com",
      subject: people.uploaders[0]!.subject,
      audiences: [audience],
    });
  });
});

describe("sovereign clouds", () => {
  it.each([
    ["AzureChinaCloud", "management.chinacloudapi.cn", "login.chinacloudapi.cn"],
    ["AzureUSGovernment", "management.usgovcloudapi.net", "login.microsoftonline.us"],
  ])("%s has its own endpoints, and none of the public cloud's", (cloud, arm, login) => {
    const plan = aPlan({ privateEndpoints: true }, { cloud });
    expect(settingsOf(plan)).toMatchObject({
      ARM_ENDPOINT: `https://${arm}/`,
      AZURE_AUTHORITY_HOST: `https://${login}/`,
    });
    expect(JSON.stringify(plan)).not.toMatch(/azure\.com|windows\.net|microsoftonline\.com/);
  });
});
