/** Whether a report's submission is a change of `latest`, which tells nothing of how a release was published. */
export function isLatestChangeId(id: string): boolean {
  return isOperationId(id) && !id.startsWith("expand-");
}

/** Whether a submission's id is that of an operation. */
export function isOperationId(id: string): boolean {
  return /^(?:expand|promote|withdraw)-[0-9a-f]{32}$/.test(id);
}
