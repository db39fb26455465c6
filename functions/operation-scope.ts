import { AsyncLocalStorage } from "node:async_hooks";
import { storyTrace } from "../core/trace.ts";

/** The story on whose behalf something is done, and where to write what it tells. */
export interface OperationScope {
  /** The instance of the story: what joins its event, its activities and its requests of Azure. */
  readonly operation: string;
  readonly log: (line: string) => void;
  /** The span under way, where spans are made. */
  readonly spanId?: string;
}

const scopes = new AsyncLocalStorage<OperationScope>();

/** Does something on behalf of a story. */
export function inOperation<Result>(scope: OperationScope, act: () => Result): Result {
  return scopes.run(scope, act);
}

/** On whose behalf the caller runs; undefined outside of any story. */
export function operationScope(): OperationScope | undefined {
  return scopes.getStore();
}

/**
 * The headers by which Azure's own records are joined with a story: Resource Manager keeps the first as `CorrelationId`
 * of its activity log; the second is W3C's trace context. Empty outside of any story.
 */
export function correlationHeaders(): Readonly<Record<string, string>> {
  const scope = operationScope();
  const story = storyTrace(scope?.operation ?? "");
  if (story === undefined) return {};
  const { traceId, spanId } = story;
  const parts = [/^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(traceId) ?? []].flatMap((found) => found.slice(1));
  return {
    "x-ms-correlation-request-id": parts.join("-"),
    traceparent: `00-${traceId}-${scope?.spanId ?? spanId}-01`,
  };
}
