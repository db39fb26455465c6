/** Why the platform would not take this instance id, or undefined when it would. */
export function instanceIdProblem(instanceId: string): string | undefined {
  if (instanceId.length > 100) {
    return `Instance IDs must not exceed 100 characters in length; "${instanceId}" has ${instanceId.length}.`;
  }
  if (!/^[^@/\\?#][^/\\?#]*$/.test(instanceId) || /\p{Cc}/u.test(instanceId)) {
    return `Instance IDs must not start with '@' and must not contain /, \\, #, ?, or control characters; got "${instanceId}".`;
  }
  return undefined;
}
