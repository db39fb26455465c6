targetScope = 'resourceGroup'

metadata name = 'Azure VM application publisher'
metadata description = 'The pipeline that publishes VM applications from a locked-down container. See docs/setup.md.'

// What it is called and where it is

@description('Prefix of the resources\' names: 3 to 11 lower-case letters and digits.')
@minLength(3)
@maxLength(11)
param name string = 'vmapps'

@description('Region of all resources but an existing gallery.')
param location string = resourceGroup().location

@description('Tags of all resources.')
param tags object = {}

@description('Name of the locked-down account that packages are uploaded to.')
@minLength(3)
@maxLength(24)
param packagesAccountName string = take('${name}${uniqueString(resourceGroup().id)}', 24)

@description('Name of the function app\'s own account.')
@minLength(3)
@maxLength(24)
param hostAccountName string = take('${name}fn${uniqueString(resourceGroup().id)}', 24)

@description('Name of the function app; its address is made of it.')
param functionAppName string = '${name}-${uniqueString(resourceGroup().id)}'

@description('Redundancy of both storage accounts.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_RAGRS', 'Standard_GZRS', 'Standard_RAGZRS'])
param storageSku string = 'Standard_LRS'

@description('Days after which blobs of the drop box are removed.')
@minValue(1)
param dropBoxDays int = 30

// The gallery and its access

@description('Name of the gallery: letters, digits, dots and underscores.')
param galleryName string = '${name}gallery'

@description('Whether the gallery exists. Its identities, tags and properties are kept.')
param existingGallery bool = false

@description('Resource group of an existing gallery, in this subscription.')
param galleryResourceGroup string = resourceGroup().name

@description('system: the gallery reads packages with its own identity. user: with one made here and attached to it.')
@allowed(['system', 'user'])
param galleryIdentity string = 'system'

@description('Role that lets the gallery read packages: contributor, as Microsoft\'s articles have it, or reader.')
@allowed(['contributor', 'reader'])
param galleryRole string = 'contributor'

@description('Where that role is assigned: on the account, as Microsoft\'s articles have it, or on the container of verified packages.')
@allowed(['account', 'container'])
param roleScope string = 'account'

@description('leased: the pipeline gives the gallery its role for the time of a publication. standing: the gallery keeps it, and nobody may assign roles.')
@allowed(['leased', 'standing'])
param access string = 'leased'

@description('api-version of gallery requests, for clouds that lag behind.')
param galleryApiVersion string = '2024-03-03'

@description('false uses broader built-in roles, where custom roles are not allowed.')
param customRoles bool = true

// Who may do what

@description('A repository whose releases are uploaded directly.')
type uploader = {
  @description('Suffix of its identity\'s name.')
  name: string
  @description('Subject of the job\'s token: repo:OWNER@OWNER-ID/NAME@ID:environment:ENVIRONMENT.')
  subject: string
  @description('Applications that it may submit.')
  @minLength(1)
  applications: string[]
}

@description('A user, group or service principal.')
type person = {
  id: string
  type: 'Group' | 'ServicePrincipal' | 'User'
}

@description('Repositories whose release workflows may upload.')
param uploaders uploader[] = []

@description('Issuer of the workflows\' tokens; another one for GitHub Enterprise Server.')
param workflowIssuer string = 'https://token.actions.githubusercontent.com'

@description('Who writes profiles, which is as good as publishing.')
param administrators person[] = []

@description('Who reads reports, and sees how the pipeline is set up.')
param operators person[] = []

@description('Application id URI of the app registration whose tokens the HTTP endpoints take. Empty: they refuse everybody.')
param apiAudience string = ''

@description('Audience of the GitHub Actions tokens that the HTTP endpoints take: best the function app\'s own address, since no other service may have it. Empty: no workflow is let in.')
param githubAudience string = ''

// The function app

@description('Flex Consumption, or Elastic Premium where that is missing.')
@allowed(['flex', 'premium'])
param hosting string = 'flex'

@description('Major version of Node.')
@allowed(['22', '24'])
param nodeVersion string = '22'

@description('Most instances at a time.')
@minValue(1)
@maxValue(100)
param maximumInstances int = 40

@description('Instances that are always there, for a quicker start.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 0

@description('Where orchestrations are kept: in the host account, or in a Durable Task Scheduler.')
@allowed(['storage', 'scheduler'])
param durableBackend string = 'storage'

@description('A container outside the vault that versions were once published from.')
type legacySource = {
  @description('Its address, https://ACCOUNT.blob.…/CONTAINER.')
  url: string
  @description('Its id in Azure Resource Manager.')
  id: string
}

@description('Containers of older packages, so that versions once published with a SAS can be expanded.')
param legacySources legacySource[] = []

@description('Further app settings, by name.')
param extraSettings object = {}

// Network

@description('Address space of the virtual network, at least /24.')
param addressPrefix string = '10.61.0.0/24'

@description('Public IPv4 addresses or CIDR ranges of runners that upload directly.')
param runnerAddressRanges string[] = []

@description('Subnets of runners that upload directly; they need the service endpoint Microsoft.Storage.')
param runnerSubnetIds string[] = []

@description('Public IPv4 addresses or CIDR ranges from which code is deployed with hosting "premium".')
param deployerAddressRanges string[] = []

@description('A NAT gateway gives outgoing calls one public address.')
param natGateway bool = false

@description('Private endpoints for both storage accounts.')
param privateEndpoints bool = false

// Events and logs

@description('queue: events arrive in a storage queue. trigger: infra/event-grid-trigger.bicep is deployed after the code.')
@allowed(['queue', 'trigger'])
param eventDelivery string = 'queue'

@description('Event Grid topic that the packages account already has, with a system-assigned identity; empty makes one.')
param existingTopicName string = ''

@description('Who is told by mail when an alert fires. Empty: alerts are only shown in the portal.')
param alertEmails string[] = []

@description('Key vault in this resource group with what proves who sends notifications.')
param keyVaultName string = ''

@description('Address that is told when a release ends; empty for none. Needs keyVaultName.')
param webhookUrl string = ''

@description('Name of the secret that signs what the webhook is told.')
param webhookSecretName string = 'vm-application-webhook'

@description('Client id of the GitHub App that tells repositories when a release ends; empty for none. Needs keyVaultName.')
param githubClientId string = ''

@description('Name of the key in the key vault that is the GitHub App\'s private key.')
param githubKeyName string = 'vm-application-github-app'

@description('A repository that is told of an application\'s releases.')
type toldRepository = {
  application: string
  @description('OWNER/NAME')
  repository: string
  @description('As a deployment with a status, or as an event that starts workflows.')
  via: 'deployment' | 'repository_dispatch'
}

@description('Repositories that the GitHub App tells.')
param githubRepositories toldRepository[] = []

@description('API of GitHub; another one for GitHub Enterprise Server.')
param githubApiUrl string = 'https://api.github.com'

@description('Whether the end of a write to a version wakes the story that follows it, so that it need not wait for its next look. The gallery\'s resource group must have no Event Grid topic yet, and eventDelivery must be queue.')
param wakeOnReplication bool = false

@description('Days for which logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Logs each request to the packages account, to see who reads packages.')
param logRequests bool = true

var rights = loadJsonContent('roles.json')
var eventQueue = 'blob-events'
var hubName = 'vmapplications'
var galleryRoleName = galleryRole == 'reader' ? 'Storage Blob Data Reader' : 'Storage Blob Data Contributor'
var topicName = empty(existingTopicName) ? '${name}-packages' : existingTopicName

var customRoleIds = toObject(
  items(any(rights.roles)),
  role => role.key,
  role => customRoles ? guid(subscription().id, 'vm-application-publisher', role.key) : rights.builtInRoles[role.value.builtIn]
)
var roleIds = union(rights.builtInRoles, customRoleIds)

module roleDefinitions 'modules/role-definitions.bicep' = if (customRoles) {
  name: 'role-definitions-${uniqueString(resourceGroup().id)}'
  scope: subscription()
  params: {
    roleIds: customRoleIds
  }
}

module network 'modules/network.bicep' = {
  name: 'network'
  params: {
    name: name
    location: location
    tags: tags
    addressPrefix: addressPrefix
    hosting: hosting
    natGateway: natGateway
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    name: name
    location: location
    tags: tags
    retentionDays: logRetentionDays
  }
}

module packagesAccount 'modules/packages-account.bicep' = {
  name: 'packages-account'
  params: {
    accountName: packagesAccountName
    location: location
    tags: tags
    sku: storageSku
    subnetIds: concat([network.outputs.functionSubnetId], runnerSubnetIds)
    addressRanges: runnerAddressRanges
    dropBoxDays: dropBoxDays
    workspaceId: logRequests ? monitoring.outputs.workspaceId : ''
  }
}

module hostAccount 'modules/host-account.bicep' = {
  name: 'host-account'
  params: {
    accountName: hostAccountName
    location: location
    tags: tags
    sku: storageSku
    subnetId: network.outputs.functionSubnetId
    addressRanges: deployerAddressRanges
    eventQueue: eventQueue
  }
}

module privateDns 'modules/private-dns.bicep' = if (privateEndpoints) {
  name: 'private-dns'
  params: {
    tags: tags
    services: ['blob', 'queue', 'table']
    networkId: network.outputs.networkId
  }
}

module packagesEndpoints 'modules/private-endpoints.bicep' = if (privateEndpoints) {
  name: 'packages-endpoints'
  dependsOn: [
    privateDns
  ]
  params: {
    name: '${name}-packages'
    location: location
    tags: tags
    accountId: packagesAccount.outputs.accountId
    services: ['blob']
    subnetId: network.outputs.endpointSubnetId
  }
}

module hostEndpoints 'modules/private-endpoints.bicep' = if (privateEndpoints) {
  name: 'host-endpoints'
  dependsOn: [
    privateDns
  ]
  params: {
    name: '${name}-host'
    location: location
    tags: tags
    accountId: hostAccount.outputs.accountId
    services: ['blob', 'queue', 'table']
    subnetId: network.outputs.endpointSubnetId
  }
}

module functionIdentity 'modules/identity.bicep' = {
  name: 'function-identity'
  params: {
    identityName: '${name}-pipeline'
    location: location
    tags: tags
  }
}

module readerIdentity 'modules/identity.bicep' = if (galleryIdentity == 'user') {
  name: 'reader-identity'
  params: {
    identityName: '${name}-gallery'
    location: location
    tags: tags
  }
}

module newGallery 'modules/gallery.bicep' = if (!existingGallery) {
  name: 'gallery'
  params: {
    galleryName: galleryName
    location: location
    tags: tags
    systemAssigned: galleryIdentity == 'system'
    userAssignedIds: galleryIdentity == 'user' ? [readerIdentity!.outputs.identityId] : []
    properties: {
      description: 'VM applications'
    }
  }
}

module galleryNow 'modules/gallery-now.bicep' = if (existingGallery) {
  name: 'gallery-now'
  scope: resourceGroup(galleryResourceGroup)
  params: {
    galleryName: galleryName
  }
}

module keptGallery 'modules/gallery.bicep' = if (existingGallery) {
  name: 'gallery-with-identity'
  scope: resourceGroup(galleryResourceGroup)
  params: {
    galleryName: galleryName
    location: galleryNow!.outputs.location
    tags: galleryNow!.outputs.tags
    systemAssigned: galleryIdentity == 'system' || !empty(galleryNow!.outputs.systemPrincipalId)
    userAssignedIds: union(
      galleryNow!.outputs.userAssignedIds,
      galleryIdentity == 'user' ? [toLower(readerIdentity!.outputs.identityId)] : []
    )
    properties: galleryNow!.outputs.properties
  }
}

var gallerySystemPrincipalId = existingGallery
  ? keptGallery!.outputs.systemPrincipalId
  : newGallery!.outputs.systemPrincipalId

var galleryPrincipalId = galleryIdentity == 'user' ? readerIdentity!.outputs.principalId : gallerySystemPrincipalId

module uploaderIdentities 'modules/uploader.bicep' = [
  for each in uploaders: {
    name: 'uploader-${each.name}'
    params: {
      identityName: '${name}-uploader-${each.name}'
      location: location
      tags: tags
      subject: each.subject
      issuer: workflowIssuer
    }
  }
]

module topic 'modules/event-grid-topic.bicep' = {
  name: 'event-grid-topic'
  params: {
    topicName: topicName
    existingTopic: !empty(existingTopicName)
    location: location
    tags: tags
    sourceId: packagesAccount.outputs.accountId
  }
}

module resourceTopic 'modules/event-grid-topic.bicep' = if (wakeOnReplication) {
  name: 'resource-topic'
  params: {
    topicName: '${name}-resources'
    existingTopic: false
    location: 'global'
    tags: tags
    sourceId: '${subscription().id}/resourceGroups/${galleryResourceGroup}'
    topicType: 'Microsoft.Resources.ResourceGroups'
  }
}

module scheduler 'modules/durable-task-scheduler.bicep' = if (durableBackend == 'scheduler') {
  name: 'durable-task-scheduler'
  params: {
    name: name
    location: location
    tags: tags
    hubName: hubName
  }
}

module rightsAtScopes 'modules/rights.bicep' = {
  name: 'rights'
  dependsOn: [
    roleDefinitions
  ]
  params: {
    principals: {
      function: [
        {
          id: functionIdentity.outputs.principalId
          type: 'ServicePrincipal'
        }
      ]
      gallery: [
        {
          id: galleryPrincipalId
          type: 'ServicePrincipal'
        }
      ]
      'event-grid': concat(
        [
          {
            id: topic.outputs.principalId
            type: 'ServicePrincipal'
          }
        ],
        wakeOnReplication
          ? [
              {
                id: resourceTopic!.outputs.principalId
                type: 'ServicePrincipal'
              }
            ]
          : []
      )
      administrator: administrators
      operator: operators
    }
    uploaders: [
      for (each, index) in uploaders: {
        id: uploaderIdentities[index].outputs.principalId
        type: 'ServicePrincipal'
        applications: each.applications
      }
    ]
    roleIds: roleIds
    access: access
    durableBackend: durableBackend
    keyVaultName: keyVaultName
    webhookSecretName: empty(webhookUrl) ? '' : webhookSecretName
    githubKeyName: empty(githubClientId) ? '' : githubKeyName
    galleryRole: galleryRoleName
    roleScope: roleScope
    packagesAccountName: packagesAccount.outputs.accountName
    hostAccountName: hostAccount.outputs.accountName
    eventQueue: eventQueue
    galleryName: galleryName
    galleryResourceGroup: galleryResourceGroup
    legacyContainerIds: map(legacySources, source => source.id)
    insightsName: monitoring.outputs.insightsName
    schedulerName: durableBackend == 'scheduler' ? scheduler!.outputs.schedulerName : ''
  }
}

module eventSubscription 'modules/event-subscription.bicep' = if (eventDelivery == 'queue') {
  name: 'event-subscription'
  dependsOn: [
    rightsAtScopes
  ]
  params: {
    topicName: topic.outputs.topicName
    hostAccountId: hostAccount.outputs.accountId
    eventQueue: eventQueue
    subscriptionName: 'vm-application-submissions'
    filter: loadJsonContent('event-filter.json')
  }
}

module wakeSubscription 'modules/event-subscription.bicep' = if (wakeOnReplication && eventDelivery == 'queue') {
  name: 'wake-subscription'
  dependsOn: [
    rightsAtScopes
  ]
  params: {
    topicName: wakeOnReplication ? resourceTopic!.outputs.topicName : ''
    hostAccountId: hostAccount.outputs.accountId
    eventQueue: eventQueue
    subscriptionName: 'vm-application-versions'
    filter: {
      includedEventTypes: ['Microsoft.Resources.ResourceWriteSuccess', 'Microsoft.Resources.ResourceWriteFailure']
      subjectBeginsWith: '${galleryId}/applications/'
      isSubjectCaseSensitive: false
    }
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    name: name
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    topicId: topic.outputs.topicId
    packagesAccountName: packagesAccount.outputs.accountName
    logRequests: logRequests
    pipelinePrincipalId: functionIdentity.outputs.principalId
    galleryPrincipalId: galleryPrincipalId
    emails: alertEmails
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  params: {
    name: name
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    packagesAccountName: packagesAccount.outputs.accountName
    pipelinePrincipalId: functionIdentity.outputs.principalId
    galleryPrincipalId: galleryPrincipalId
  }
}

var galleryId = resourceId(
  subscription().subscriptionId,
  galleryResourceGroup,
  'Microsoft.Compute/galleries',
  galleryName
)

var hostConnection = {
  AzureWebJobsStorage__blobServiceUri: hostAccount.outputs.blobEndpoint
  AzureWebJobsStorage__queueServiceUri: hostAccount.outputs.queueEndpoint
  AzureWebJobsStorage__tableServiceUri: hostAccount.outputs.tableEndpoint
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: functionIdentity.outputs.clientId
  EventQueue__queueServiceUri: hostAccount.outputs.queueEndpoint
  EventQueue__credential: 'managedidentity'
  EventQueue__clientId: functionIdentity.outputs.clientId
}

var pipelineSettings = {
  AZURE_CLIENT_ID: functionIdentity.outputs.clientId
  PACKAGES_ENDPOINT: packagesAccount.outputs.blobEndpoint
  PACKAGES_ACCOUNT_ID: packagesAccount.outputs.accountId
  GALLERY_ID: galleryId
  GALLERY_IDENTITY: galleryIdentity == 'user' ? readerIdentity!.outputs.identityId : 'system'
  GALLERY_ROLE: galleryRole
  GALLERY_ROLE_SCOPE: roleScope
  GALLERY_API_VERSION: galleryApiVersion
  ACCESS: access
  ARM_ENDPOINT: environment().resourceManager
  AZURE_AUTHORITY_HOST: environment().authentication.loginEndpoint
  EVENT_QUEUE: eventDelivery == 'queue' ? eventQueue : ''
  API_TENANT_ID: tenant().tenantId
  API_AUDIENCE: apiAudience
  GITHUB_AUDIENCE: githubAudience
  LEGACY_SOURCES: empty(legacySources) ? '' : string(legacySources)
  HOST_ACCOUNT_ID: hostAccount.outputs.accountId
  EVENT_TOPIC_ID: topic.outputs.topicId
  FUNCTION_APP_ID: resourceId('Microsoft.Web/sites', functionAppName)
}

var vaultUrl = 'https://${keyVaultName}${environment().suffixes.keyvaultDns}'

var notificationSettings = {
  NOTIFY_WEBHOOK: empty(webhookUrl)
    ? ''
    : string({
        url: webhookUrl
        secretUrl: '${vaultUrl}/secrets/${webhookSecretName}'
      })
  NOTIFY_GITHUB: empty(githubClientId)
    ? ''
    : string({
        clientId: githubClientId
        keyUrl: '${vaultUrl}/keys/${githubKeyName}'
        apiUrl: githubApiUrl
        repositories: githubRepositories
      })
}

var telemetrySettings = {
  APPLICATIONINSIGHTS_CONNECTION_STRING: monitoring.outputs.connectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${functionIdentity.outputs.clientId};Authorization=AAD'
}

var schedulerSettings = durableBackend == 'scheduler'
  ? {
      DURABLE_TASK_SCHEDULER: 'Endpoint=${scheduler!.outputs.endpoint};Authentication=ManagedIdentity;ClientID=${functionIdentity.outputs.clientId}'
      AzureFunctionsJobHost__extensions__durableTask__hubName: hubName
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__type: 'azureManaged'
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName: 'DURABLE_TASK_SCHEDULER'
    }
  : {}

module functionApp 'modules/function-app.bicep' = {
  name: 'function-app'
  dependsOn: [
    rightsAtScopes
    packagesEndpoints
    hostEndpoints
  ]
  params: {
    appName: functionAppName
    location: location
    tags: tags
    hosting: hosting
    nodeVersion: nodeVersion
    maximumInstances: maximumInstances
    alwaysReadyInstances: alwaysReadyInstances
    identityId: functionIdentity.outputs.identityId
    subnetId: network.outputs.functionSubnetId
    hostBlobEndpoint: hostAccount.outputs.blobEndpoint
    settings: union(hostConnection, pipelineSettings, notificationSettings, telemetrySettings, schedulerSettings, extraSettings)
  }
}

@description('What the Action\'s input "storage-account" takes.')
output packagesAccountName string = packagesAccountName

@description('The account of the function app, where dead letters are.')
output hostAccountName string = hostAccountName

@description('The function app.')
output functionAppName string = functionAppName

@description('What "npm run doctor -- --app" takes.')
output functionAppId string = functionApp.outputs.appId

@description('Address of the HTTP endpoints.')
output functionAppUrl string = functionApp.outputs.url

@description('The gallery.')
output galleryId string = galleryId

@description('The Event Grid topic.')
output topicName string = topicName

@description('What the Action\'s input "tenant-id" takes.')
output tenantId string = tenant().tenantId

@description('The uploaders\' client ids, which the Action\'s input "client-id" takes.')
output uploaderClientIds array = [
  for (each, index) in uploaders: {
    name: each.name
    clientId: uploaderIdentities[index].outputs.clientId
  }
]
