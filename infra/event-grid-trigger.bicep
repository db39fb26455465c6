metadata description = 'Calls the Event Grid trigger instead of filling the queue. To be deployed after the function app\'s code.'

@description('The system topic of the packages account.')
param topicName string

@description('The function app.')
param functionAppName string

@description('The host account, for dead letters.')
param hostAccountName string

resource topic 'Microsoft.EventGrid/systemTopics@2022-06-15' existing = {
  name: topicName
}

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionAppName

  resource trigger 'functions' existing = {
    name: 'blobArrivedFromEventGrid'
  }
}

resource host 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: hostAccountName
}

resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2022-06-15' = {
  parent: topic
  name: 'vm-application-submissions'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    destination: {
      endpointType: 'AzureFunction'
      properties: {
        resourceId: app::trigger.id
        maxEventsPerBatch: 1
      }
    }
    deadLetterWithResourceIdentity: {
      identity: {
        type: 'SystemAssigned'
      }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: host.id
          blobContainerName: 'dead-letters'
        }
      }
    }
    filter: loadJsonContent('event-filter.json')
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
  }
}
