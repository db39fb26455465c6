metadata description = 'The shape of a role assignment on its way from roles.json to a scope.'

@export()
@description('A role for a principal; the scope is a name of roles.json, the condition may be empty.')
type grant = {
  scope: string
  @description('The role definition\'s GUID.')
  roleId: string
  principalId: string
  principalType: 'Group' | 'ServicePrincipal' | 'User'
  condition: string
}
