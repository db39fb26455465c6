metadata description = 'Assigns every right of roles.json: nothing else in the template gives a principal anything.'

@description('Principals by the identities\' names in roles.json, but uploaders: lists of {id, type}.')
param principals object

@description('The uploaders: {id, type, applications}.')
param uploaders array

@description('Role definition ids (GUIDs) by role name.')
param roleIds object

@description('leased: the pipeline gives and takes back the gallery\'s access. standing: the gallery keeps it.')
@allowed(['leased', 'standing'])
param access string

@description('Where orchestrations are kept.')
@allowed(['storage', 'scheduler'])
param durableBackend string

@description('Key vault with what proves who sends notifications; empty for none.')
param keyVaultName string

@description('Secret that signs what the webhook is told; empty without one.')
param webhookSecretName string

@description('Key of the GitHub App; empty without one.')
param githubKeyName string

@description('Name of the role that lets the gallery read packages.')
param galleryRole string

@description('Where the gallery\'s role is assigned.')
@allowed(['account', 'container'])
param roleScope string

@description('The account with the four containers.')
param packagesAccountName string

@description('The account of the function app.')
param hostAccountName string

@description('The queue that Event Grid fills.')
param eventQueue string

@description('The gallery.')
param galleryName string

@description('The gallery\'s resource group.')
param galleryResourceGroup string

@description('Ids of containers outside the vault that the gallery may have to read again.')
param legacyContainerIds string[]

@description('The Application Insights component.')
param insightsName string

@description('The Durable Task Scheduler; empty without one.')
param schedulerName string

var assignments = any(loadJsonContent('../roles.json', '$.assignments'))
var kept = access == 'leased' ? 'leased' : 'standing'
var tellsWebhook = empty(webhookSecretName) ? 'always' : 'webhook'
var tellsGithub = empty(githubKeyName) ? 'always' : 'github'
var cases = ['always', kept, durableBackend, tellsWebhook, tellsGithub]
var wanted = filter(assignments, each => contains(cases, each.?when ?? 'always'))

var grants = flatten(map(
  wanted,
  each => map(union(principals, { uploader: uploaders })[each.identity], principal => {
    scope: replace(each.scope, '{eventQueue}', eventQueue)
    roleId: roleIds[replace(each.role, '{galleryRole}', galleryRole)]
    principalId: principal.id
    principalType: principal.type
    // A principal may have one assignment of a role at a scope, so its applications share a condition.
    condition: replace(
      replace(
        join(
          map(
            each.?condition ?? [],
            line => contains(line, '{application}')
              ? join(map(principal.?applications ?? [], name => replace(line, '{application}', name)), ' OR ')
              : line
          ),
          '\n'
        ),
        '{galleryRoleId}',
        roleIds[galleryRole]
      ),
      '{galleryPrincipalId}',
      principals.gallery[0].id
    )
  })
))

module onContainers 'rights-on-container.bicep' = [
  for name in ['incoming', 'packages', 'reports', 'applications']: {
    name: 'rights-on-${name}'
    params: {
      accountName: packagesAccountName
      containerName: name
      grants: filter(
        grants,
        each => each.scope == 'container:${name}' || (each.scope == 'lease' && roleScope == 'container' && name == 'packages')
      )
    }
  }
]

module onDeadLetters 'rights-on-container.bicep' = {
  name: 'rights-on-dead-letters'
  params: {
    accountName: hostAccountName
    containerName: 'dead-letters'
    grants: filter(grants, each => each.scope == 'dead-letters')
  }
}

module onPackagesAccount 'rights-on-account.bicep' = {
  name: 'rights-on-packages-account'
  params: {
    accountName: packagesAccountName
    grants: filter(grants, each => each.scope == 'lease' && roleScope == 'account')
  }
}

module onLegacyContainers 'rights-on-container.bicep' = [
  for (id, index) in legacyContainerIds: {
    name: 'rights-on-legacy-source-${index}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      accountName: split(id, '/')[8]
      containerName: last(split(id, '/'))
      grants: filter(grants, each => each.scope == 'lease')
    }
  }
]

module onHostAccount 'rights-on-account.bicep' = {
  name: 'rights-on-host-account'
  params: {
    accountName: hostAccountName
    grants: filter(grants, each => each.scope == 'host')
  }
}

module onQueue 'rights-on-queue.bicep' = {
  name: 'rights-on-queue'
  params: {
    accountName: hostAccountName
    queueName: eventQueue
    grants: filter(grants, each => each.scope == 'queue:${eventQueue}')
  }
}

module onInsights 'rights-on-insights.bicep' = {
  name: 'rights-on-insights'
  params: {
    insightsName: insightsName
    grants: filter(grants, each => each.scope == 'insights')
  }
}

module onSecret 'rights-on-secret.bicep' = if (!empty(webhookSecretName)) {
  name: 'rights-on-secret'
  params: {
    vaultName: keyVaultName
    secretName: webhookSecretName
    grants: filter(grants, each => each.scope == 'notification-secret')
  }
}

module onKey 'rights-on-key.bicep' = if (!empty(githubKeyName)) {
  name: 'rights-on-key'
  params: {
    vaultName: keyVaultName
    keyName: githubKeyName
    grants: filter(grants, each => each.scope == 'notification-key')
  }
}

module onScheduler 'rights-on-scheduler.bicep' = if (durableBackend == 'scheduler') {
  name: 'rights-on-scheduler'
  params: {
    schedulerName: schedulerName
    grants: filter(grants, each => each.scope == 'scheduler')
  }
}

module onGallery 'rights-on-gallery.bicep' = {
  name: 'rights-on-gallery'
  scope: resourceGroup(galleryResourceGroup)
  params: {
    galleryName: galleryName
    grants: filter(grants, each => each.scope == 'gallery')
  }
}

module onGroup 'rights-on-group.bicep' = {
  name: 'rights-on-group'
  params: {
    grants: filter(grants, each => each.scope == 'group')
  }
}

module onSubscription 'rights-on-subscription.bicep' = {
  name: 'rights-on-subscription-${uniqueString(resourceGroup().id)}'
  scope: subscription()
  params: {
    grants: filter(grants, each => each.scope == 'subscription')
  }
}
