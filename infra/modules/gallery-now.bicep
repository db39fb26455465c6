metadata description = 'What an existing gallery has, so that writing its identities takes nothing away.'

@description('Name of the gallery.')
param galleryName string

resource gallery 'Microsoft.Compute/galleries@2024-03-03' existing = {
  name: galleryName
}

var readOnly = ['identifier', 'provisioningState', 'sharingStatus']

output galleryId string = gallery.id
output location string = gallery.location
output tags object = gallery.?tags ?? {}
output systemPrincipalId string = gallery.?identity.?principalId ?? ''
output userAssignedIds string[] = map(items(gallery.?identity.?userAssignedIdentities ?? {}), each => toLower(each.key))
output properties object = toObject(
  filter(items(gallery.properties), each => !contains(readOnly, each.key)),
  each => each.key,
  each => each.value
)
