metadata description = 'The virtual network through which the function app reaches storage and the internet.'

@description('Prefix of the names.')
param name string

param location string
param tags object

@description('Address space of the network, at least /24.')
param addressPrefix string

@description('Flex Consumption and Premium delegate their subnet to different services.')
@allowed(['flex', 'premium'])
param hosting string

@description('A NAT gateway gives outgoing calls one public address.')
param natGateway bool

resource publicAddress 'Microsoft.Network/publicIPAddresses@2024-05-01' = if (natGateway) {
  name: '${name}-nat'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    publicIPAllocationMethod: 'Static'
  }
}

resource gateway 'Microsoft.Network/natGateways@2024-05-01' = if (natGateway) {
  name: '${name}-nat'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    publicIpAddresses: [
      {
        id: publicAddress.id
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: '${name}-network'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        addressPrefix
      ]
    }
    subnets: [
      {
        name: 'functions'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          delegations: [
            {
              name: 'functions'
              properties: {
                serviceName: hosting == 'flex' ? 'Microsoft.App/environments' : 'Microsoft.Web/serverFarms'
              }
            }
          ]
          natGateway: natGateway
            ? {
                id: gateway.id
              }
            : null
          serviceEndpoints: [
            {
              service: 'Microsoft.Storage'
            }
          ]
        }
      }
      {
        name: 'private-endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 1)
        }
      }
    ]
  }

  resource functionSubnet 'subnets' existing = {
    name: 'functions'
  }

  resource endpointSubnet 'subnets' existing = {
    name: 'private-endpoints'
  }
}

output networkId string = network.id
output functionSubnetId string = network::functionSubnet.id
output endpointSubnetId string = network::endpointSubnet.id
