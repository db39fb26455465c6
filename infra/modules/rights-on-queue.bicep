import { grant } from 'grant.bicep'

metadata description = 'Role assignments on a storage queue.'

@description('The storage account of the queue.')
param accountName string

@description('The queue.')
param queueName string

@description('The grants at this very scope.')
param grants grant[]

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: accountName

  resource queues 'queueServices' existing = {
    name: 'default'

    resource queue 'queues' existing = {
      name: queueName
    }
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in grants: {
    name: guid(account::queues::queue.id, each.roleId, each.principalId)
    scope: account::queues::queue
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each.roleId)
      principalId: each.principalId
      principalType: each.principalType
      condition: empty(each.condition) ? null : each.condition
      conditionVersion: empty(each.condition) ? null : '2.0'
    }
  }
]
