metadata description = 'The function app and its plan.'

@description('Name of the function app.')
param appName string

param location string
param tags object

@description('Flex Consumption or Elastic Premium.')
@allowed(['flex', 'premium'])
param hosting string

@description('Major version of Node.')
param nodeVersion string

@description('Most instances at a time.')
param maximumInstances int

@description('Instances that are always there.')
param alwaysReadyInstances int

@description('Id of the user-assigned identity that the app runs as.')
param identityId string

@description('The subnet for outgoing calls.')
param subnetId string

@description('Blob endpoint of the host account, with a closing slash.')
param hostBlobEndpoint string

@description('Settings of the app, by name.')
param settings object

var isFlex = hosting == 'flex'
var code = '${hostBlobEndpoint}deployments'

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: '${appName}-plan'
  location: location
  tags: tags
  kind: isFlex ? 'functionapp' : 'elastic'
  sku: {
    name: isFlex ? 'FC1' : 'EP1'
    tier: isFlex ? 'FlexConsumption' : 'ElasticPremium'
  }
  properties: {
    reserved: true
    maximumElasticWorkerCount: isFlex ? null : maximumInstances
  }
}

var flexConfig = {
  deployment: {
    storage: {
      type: 'blobContainer'
      value: code
      authentication: {
        type: 'UserAssignedIdentity'
        userAssignedIdentityResourceId: identityId
      }
    }
  }
  runtime: {
    name: 'node'
    version: nodeVersion
  }
  scaleAndConcurrency: {
    maximumInstanceCount: maximumInstances
    instanceMemoryMB: 2048
    alwaysReady: alwaysReadyInstances == 0
      ? []
      : [
          {
            name: 'durable'
            instanceCount: alwaysReadyInstances
          }
        ]
  }
}

// Flex Consumption refuses these: it has them in its own configuration.
var premiumSettings = {
  FUNCTIONS_EXTENSION_VERSION: '~4'
  FUNCTIONS_WORKER_RUNTIME: 'node'
  WEBSITE_RUN_FROM_PACKAGE: '${code}/functions.zip'
  WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: identityId
}

var allSettings = union(settings, isFlex ? {} : premiumSettings)

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: appName
  location: location
  // azd finds by this tag where to put the code of the service "pipeline" in azure.yaml.
  tags: union(tags, { 'azd-service-name': 'pipeline' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: subnetId
    vnetRouteAllEnabled: isFlex ? null : true
    functionAppConfig: isFlex ? flexConfig : null
    siteConfig: {
      ftpsState: 'Disabled'
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      linuxFxVersion: isFlex ? null : 'NODE|${nodeVersion}'
      functionAppScaleLimit: isFlex ? null : maximumInstances
      minimumElasticInstanceCount: isFlex ? null : max(alwaysReadyInstances, 1)
      appSettings: map(items(allSettings), each => {
        name: each.key
        value: each.value
      })
    }
  }

  resource scmPasswords 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }

  resource ftpPasswords 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  // Every HTTP function verifies its caller's token itself.
  resource easyAuth 'config' = {
    name: 'authsettingsV2'
    properties: {
      platform: {
        enabled: false
      }
    }
  }
}

output appId string = app.id
output appName string = app.name
output url string = 'https://${app.properties.defaultHostName}'
