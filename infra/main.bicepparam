using 'main.bicep'

// azd sets these variables; elsewhere the values behind them hold.
param name = readEnvironmentVariable('VM_APPLICATIONS_NAME', 'vmapps')
param location = readEnvironmentVariable('AZURE_LOCATION', 'eastus2')

// Repositories whose release workflows upload directly: one identity each. The subject is printed by
// gh api repos/OWNER/NAME --jq '"repo:\(.owner.login)@\(.owner.id)/\(.name)@\(.id):environment:release"'
param uploaders = []
// param uploaders = [
//   {
//     name: 'flooper'
//     subject: 'repo:contoso@77/flooper@1001:environment:release'
//     applications: ['flooperapp']
//   }
// ]

// Who writes profiles, which is as good as publishing; and who reads reports.
param administrators = []
param operators = []

// Where runners are that upload directly.
param runnerAddressRanges = []
param runnerSubnetIds = []
