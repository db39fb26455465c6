metadata description = 'A Durable Task Scheduler, which keeps orchestrations instead of the host account.'

@description('Prefix of the names.')
param name string

param location string
param tags object

@description('The task hub.')
param hubName string

resource scheduler 'Microsoft.DurableTask/schedulers@2025-11-01' = {
  name: '${name}-scheduler'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'Consumption'
    }
    // Who may use it is decided by roles; an empty list would let nobody in.
    ipAllowlist: [
      '0.0.0.0/0'
    ]
  }

  resource hub 'taskHubs' = {
    name: hubName
  }
}

output schedulerName string = scheduler.name
output endpoint string = scheduler.properties.endpoint
