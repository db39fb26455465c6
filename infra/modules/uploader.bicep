metadata description = 'The identity of one repository\'s release workflow, which signs in with the job\'s own token.'

@description('Name of the identity.')
param identityName string

param location string
param tags object

@description('The subject of the job\'s token, in GitHub\'s immutable form: repo:OWNER@OWNER-ID/NAME@ID:environment:ENVIRONMENT.')
param subject string

@description('Who signs the job\'s token.')
param issuer string

var audiences = {
  AzureCloud: 'api://AzureADTokenExchange'
  AzureChinaCloud: 'api://AzureADTokenExchangeChina'
  AzureUSGovernment: 'api://AzureADTokenExchangeUSGov'
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: identityName
  location: location
  tags: tags

  resource credential 'federatedIdentityCredentials' = {
    name: 'release-workflow'
    properties: {
      issuer: issuer
      subject: subject
      audiences: [
        audiences[environment().name]
      ]
    }
  }
}

output principalId string = identity.properties.principalId
output clientId string = identity.properties.clientId
