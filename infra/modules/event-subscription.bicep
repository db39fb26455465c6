metadata description = 'Delivers a topic\'s events to the queue, by the topic\'s own identity.'

@description('Name of the system topic.')
param topicName string

@description('The host account, which has the queue and the dead letters.')
param hostAccountId string

@description('The queue.')
param eventQueue string

@description('Name of the subscription.')
param subscriptionName string

@description('Which events it wants.')
param filter object

resource topic 'Microsoft.EventGrid/systemTopics@2022-06-15' existing = {
  name: topicName
}

resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2022-06-15' = {
  parent: topic
  name: subscriptionName
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    deliveryWithResourceIdentity: {
      identity: {
        type: 'SystemAssigned'
      }
      destination: {
        endpointType: 'StorageQueue'
        properties: {
          resourceId: hostAccountId
          queueName: eventQueue
          queueMessageTimeToLiveInSeconds: 604800
        }
      }
    }
    deadLetterWithResourceIdentity: {
      identity: {
        type: 'SystemAssigned'
      }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: hostAccountId
          blobContainerName: 'dead-letters'
        }
      }
    }
    filter: filter
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
  }
}
