import { grant } from 'grant.bicep'

metadata description = 'Role assignments on the Durable Task Scheduler.'

@description('The scheduler.')
param schedulerName string

@description('The grants at this very scope.')
param grants grant[]

resource scheduler 'Microsoft.DurableTask/schedulers@2025-11-01' existing = {
  name: schedulerName
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in grants: {
    name: guid(scheduler.id, each.roleId, each.principalId)
    scope: scheduler
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each.roleId)
      principalId: each.principalId
      principalType: each.principalType
      condition: empty(each.condition) ? null : each.condition
      conditionVersion: empty(each.condition) ? null : '2.0'
    }
  }
]
