metadata description = 'The topic of the packages account\'s events, made here or found. A source has only one.'

@description('Name of the system topic.')
param topicName string

@description('Whether the topic exists; then it must have a system-assigned identity.')
param existingTopic bool

param location string
param tags object

@description('The packages account.')
param sourceId string

resource made 'Microsoft.EventGrid/systemTopics@2022-06-15' = if (!existingTopic) {
  name: topicName
  location: location
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    source: sourceId
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

resource found 'Microsoft.EventGrid/systemTopics@2022-06-15' existing = if (existingTopic) {
  name: topicName
}

output topicName string = topicName
output topicId string = existingTopic ? found.id : made!.id
output principalId string = existingTopic ? found!.identity.principalId : made!.identity.principalId
