metadata description = 'A gallery with the identity that reads packages.'

@description('Name of the gallery.')
param galleryName string

param location string
param tags object

@description('The gallery\'s own identity beside those that it is given.')
param systemAssigned bool

@description('Ids of all user-assigned identities that the gallery is to have. Azure replaces the list as a whole.')
param userAssignedIds string[]

@description('Properties that an existing gallery keeps.')
param properties object

resource gallery 'Microsoft.Compute/galleries@2024-03-03' = {
  name: galleryName
  location: location
  tags: tags
  identity: {
    type: empty(userAssignedIds)
      ? 'SystemAssigned'
      : systemAssigned ? 'SystemAssigned, UserAssigned' : 'UserAssigned'
    userAssignedIdentities: empty(userAssignedIds) ? null : toObject(userAssignedIds, id => id, id => {})
  }
  properties: properties
}

output galleryId string = gallery.id
output systemPrincipalId string = systemAssigned ? gallery.identity.principalId : ''
