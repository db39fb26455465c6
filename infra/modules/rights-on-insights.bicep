import { grant } from 'grant.bicep'

metadata description = 'Role assignments on Application Insights.'

@description('The Application Insights component.')
param insightsName string

@description('The grants at this very scope.')
param grants grant[]

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in grants: {
    name: guid(insights.id, each.roleId, each.principalId)
    scope: insights
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each.roleId)
      principalId: each.principalId
      principalType: each.principalType
      condition: empty(each.condition) ? null : each.condition
      conditionVersion: empty(each.condition) ? null : '2.0'
    }
  }
]
