metadata description = 'The topic of a source\'s events, made here or found. A source has only one.'

@description('Name of the system topic.')
param topicName string

@description('Whether the topic exists; then it must have a system-assigned identity.')
param existingTopic bool

param location string
param tags object

@description('What raises the events: the packages account, or the gallery\'s resource group.')
param sourceId string

@description('What the source is.')
@allowed(['Microsoft.Storage.StorageAccounts', 'Microsoft.Resources.ResourceGroups'])
param topicType string = 'Microsoft.Storage.StorageAccounts'

resource made 'Microsoft.EventGrid/systemTopics@2022-06-15' = if (!existingTopic) {
  name: topicName
  location: location
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    source: sourceId
    topicType: topicType
  }
}

resource found 'Microsoft.EventGrid/systemTopics@2022-06-15' existing = if (existingTopic) {
  name: topicName
}

output topicName string = topicName
output topicId string = existingTopic ? found.id : made!.id
output principalId string = existingTopic ? found!.identity.principalId : made!.identity.principalId
