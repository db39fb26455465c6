import { grant } from 'grant.bicep'

metadata description = 'Role assignments on a blob container.'

@description('The storage account of the container.')
param accountName string

@description('The container.')
param containerName string

@description('The grants at this very scope.')
param grants grant[]

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: accountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource container 'containers' existing = {
      name: containerName
    }
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in grants: {
    name: guid(account::blobs::container.id, each.roleId, each.principalId)
    scope: account::blobs::container
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each.roleId)
      principalId: each.principalId
      principalType: each.principalType
      condition: empty(each.condition) ? null : each.condition
      conditionVersion: empty(each.condition) ? null : '2.0'
    }
  }
]
