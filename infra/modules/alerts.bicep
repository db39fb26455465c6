metadata description = 'Alerts on what the pipeline tells, on the accounts\' request logs, and on dead letters.'

@description('Prefix of the names.')
param name string

param location string
param tags object

@description('The Log Analytics workspace.')
param workspaceId string

@description('The Event Grid topic.')
param topicId string

@description('The packages account.')
param packagesAccountName string

@description('Whether requests to the packages account are logged.')
param logRequests bool

@description('Principal id of the function app\'s identity.')
param pipelinePrincipalId string

@description('Principal id of the identity that reads packages for the gallery.')
param galleryPrincipalId string

@description('Who is told by mail; nobody when empty.')
param emails string[]

// How much is looked at, and how often. A query that finds a row fires.
var onTelemetry = [
  {
    key: 'failed-releases'
    says: 'A release failed, or did not reach every region in time.'
    query: loadTextContent('../queries/failed-releases.kql')
    severity: 2
    every: 'PT15M'
    window: 'PT15M'
  }
  {
    key: 'stuck-releases'
    says: 'A release has been silent for six hours and has not ended.'
    query: loadTextContent('../queries/stuck-releases.kql')
    severity: 2
    every: 'PT1H'
    window: 'P2D'
  }
  {
    key: 'role-left-behind'
    says: 'The gallery\'s identity has kept its role for twelve hours.'
    query: loadTextContent('../queries/role-left-behind.kql')
    severity: 2
    every: 'PT1H'
    window: 'P1D'
  }
  {
    key: 'undelivered-notifications'
    says: 'A notification could not be delivered.'
    query: loadTextContent('../queries/undelivered-notifications.kql')
    severity: 3
    every: 'PT1H'
    window: 'PT1H'
  }
]

var onRequests = [
  {
    key: 'vault-reads'
    says: 'Somebody but the gallery and the pipeline read, or tried to read, verified packages.'
    query: loadTextContent('../queries/vault-reads.kql')
    severity: 1
    every: 'PT15M'
    window: 'PT15M'
  }
  {
    key: 'profile-changes'
    says: 'A profile was changed: that is as good as a publication.'
    query: loadTextContent('../queries/profile-changes.kql')
    severity: 3
    every: 'PT15M'
    window: 'PT15M'
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(emails)) {
  name: '${name}-people'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: take(name, 12)
    enabled: true
    emailReceivers: [
      for email in emails: {
        name: email
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2022-06-15' = [
  for each in concat(onTelemetry, logRequests ? onRequests : []): {
    name: '${name}-${each.key}'
    location: location
    tags: tags
    properties: {
      displayName: '${name}: ${each.key}'
      description: '${each.says} See docs/monitoring.md.'
      enabled: true
      severity: each.severity
      evaluationFrequency: each.every
      windowSize: each.window
      scopes: [
        workspaceId
      ]
      criteria: {
        allOf: [
          {
            query: replace(
              replace(
                replace(each.query, 'PACKAGES_ACCOUNT', packagesAccountName),
                'PIPELINE_PRINCIPAL',
                pipelinePrincipalId
              ),
              'GALLERY_PRINCIPAL',
              galleryPrincipalId
            )
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
          }
        ]
      }
      autoMitigate: false
      // The tables come into being with their first rows.
      skipQueryValidation: true
      actions: {
        actionGroups: empty(emails) ? [] : [people.id]
      }
    }
  }
]

resource deadLetters 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-dead-letters'
  location: 'global'
  tags: tags
  properties: {
    description: 'Event Grid gave up an event; the reconciler finds what it announced. See docs/monitoring.md.'
    enabled: true
    severity: 2
    scopes: [
      topicId
    ]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT1H'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'dead-letters'
          criterionType: 'StaticThresholdCriterion'
          metricName: 'DeadLetteredCount'
          operator: 'GreaterThan'
          threshold: 0
          timeAggregation: 'Total'
        }
      ]
    }
    autoMitigate: true
    actions: empty(emails)
      ? []
      : [
          {
            actionGroupId: people.id
          }
        ]
  }
}
