// The JSON that a durable client binding gets: where it finds the extension.
const idPlaceholder = "INSTANCEID";

/** The data of a `durableClient` binding. With `rpcBaseUrl` the SDK speaks to that address and to no other. */
export function durableClientBinding(hubName: string, rpcOrigin: string): Record<string, unknown> {
  const baseUrl = `${rpcOrigin}/durabletask`;
  const query = `taskHub=${hubName}&connection=Storage`;
  return {
    taskHubName: hubName,
    creationUrls: {
      createNewInstancePostUri: `${baseUrl}/orchestrators/{functionName}[/{instanceId}]?${query}`,
      createAndWaitOnNewInstancePostUri: `${baseUrl}/orchestrators/{functionName}[/{instanceId}]?${query}&timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}`,
    },
    managementUrls: managementUrls(baseUrl, query, idPlaceholder),
    baseUrl,
    requiredQueryStringParameters: query,
    rpcBaseUrl: `${baseUrl}/`,
  };
}

/** Where one orchestration is looked after. */
export function managementUrls(baseUrl: string, query: string, id: string): Record<string, string> {
  const instance = `${baseUrl}/instances/${id}`;
  return {
    id,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}
