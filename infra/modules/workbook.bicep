metadata description = 'A workbook: what was published, what is under way, what went wrong, who looked.'

@description('Prefix of the names.')
param name string

param location string
param tags object

@description('The Log Analytics workspace.')
param workspaceId string

@description('The packages account.')
param packagesAccountName string

@description('Principal id of the function app\'s identity.')
param pipelinePrincipalId string

@description('Principal id of the identity that reads packages for the gallery.')
param galleryPrincipalId string

var parts = [
  {
    title: 'Submissions by outcome'
    query: loadTextContent('../queries/outcomes.kql')
    shown: 'barchart'
  }
  {
    title: 'Under way'
    query: loadTextContent('../queries/waiting.kql')
    shown: 'table'
  }
  {
    title: 'Failed'
    query: loadTextContent('../queries/failed-releases.kql')
    shown: 'table'
  }
  {
    title: 'Minutes of replication, by region'
    query: loadTextContent('../queries/replication-minutes.kql')
    shown: 'table'
  }
  {
    title: 'Lost events, found by the reconciler'
    query: loadTextContent('../queries/lost-events.kql')
    shown: 'table'
  }
  {
    title: 'Reads of verified packages by others'
    query: loadTextContent('../queries/vault-reads.kql')
    shown: 'table'
  }
  {
    title: 'Changed profiles'
    query: loadTextContent('../queries/profile-changes.kql')
    shown: 'table'
  }
]

var items = [
  for (each, index) in parts: {
    type: 3
    name: 'part-${index}'
    content: {
      version: 'KqlItem/1.0'
      title: each.title
      query: replace(
        replace(
          replace(each.query, 'PACKAGES_ACCOUNT', packagesAccountName),
          'PIPELINE_PRINCIPAL',
          pipelinePrincipalId
        ),
        'GALLERY_PRINCIPAL',
        galleryPrincipalId
      )
      size: 0
      timeContext: {
        durationMs: 604800000
      }
      queryType: 0
      resourceType: 'microsoft.operationalinsights/workspaces'
      visualization: each.shown
    }
  }
]

resource workbook 'Microsoft.Insights/workbooks@2022-04-01' = {
  name: guid(resourceGroup().id, name, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: '${name}: VM applications'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: string({
      version: 'Notebook/1.0'
      items: items
      fallbackResourceIds: [
        workspaceId
      ]
    })
  }
}
