metadata description = 'The locked-down account: drop box, vault, reports and profiles.'

@description('Name of the storage account.')
param accountName string

param location string
param tags object

@description('Redundancy of the account.')
param sku string

@description('The function app\'s subnet and those of runners.')
param subnetIds string[]

@description('Public IPv4 addresses or ranges of runners, in CIDR notation.')
param addressRanges string[]

@description('Days after which blobs of the drop box are removed.')
param dropBoxDays int

@description('The Log Analytics workspace that gets a line for each request to the account; empty for none.')
param workspaceId string

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: accountName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: sku
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    isHnsEnabled: false
    isLocalUserEnabled: false
    isSftpEnabled: false
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: 'Enabled'
    supportsHttpsTrafficOnly: true
    networkAcls: {
      defaultAction: 'Deny'
      // The gallery reads packages, and Event Grid sees new blobs, as trusted services.
      bypass: 'AzureServices'
      virtualNetworkRules: [
        for id in subnetIds: {
          id: id
          action: 'Allow'
        }
      ]
      ipRules: [
        for range in addressRanges: {
          value: range
          action: 'Allow'
        }
      ]
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: {
      enabled: true
      days: 30
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: 30
    }
  }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = [
  for name in ['incoming', 'packages', 'reports', 'applications']: {
    parent: blobs
    name: name
    properties: {
      publicAccess: 'None'
    }
  }
]

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2023-05-01' = {
  parent: account
  name: 'default'
  dependsOn: [
    blobs
  ]
  properties: {
    policy: {
      rules: [
        {
          name: 'empty-the-drop-box'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: {
              blobTypes: [
                'blockBlob'
              ]
              prefixMatch: [
                'incoming/'
              ]
            }
            actions: {
              baseBlob: {
                delete: {
                  daysAfterModificationGreaterThan: dropBoxDays
                }
              }
              snapshot: {
                delete: {
                  daysAfterCreationGreaterThan: dropBoxDays
                }
              }
              version: {
                delete: {
                  daysAfterCreationGreaterThan: dropBoxDays
                }
              }
            }
          }
        }
      ]
    }
  }
}

resource requests 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (!empty(workspaceId)) {
  name: 'requests'
  scope: blobs
  properties: {
    workspaceId: workspaceId
    logs: [
      for category in ['StorageRead', 'StorageWrite', 'StorageDelete']: {
        category: category
        enabled: true
      }
    ]
  }
}

output accountId string = account.id
output accountName string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
