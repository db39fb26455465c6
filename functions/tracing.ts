import { randomBytes } from "node:crypto";
import { isFinal } from "../core/outcome.ts";
import type { Report } from "../core/report.ts";
import { otlpSpan, type Span, type SpanKind, storyTrace } from "../core/trace.ts";
import { collect, isCollected } from "./collector.ts";
import { inOperation, operationScope } from "./operation-scope.ts";

/** What a span is to be called. */
export interface SpanAbout {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes?: Span["attributes"];
}

/** Does something within a span of the story on whose behalf it runs. `tell` gives what only the result shows. */
export async function traced<Result>(
  { name, kind, attributes = {} }: SpanAbout,
  act: () => Result | Promise<Result>,
  tell: (result: Result) => Pick<Span, "failure"> & Partial<Pick<Span, "attributes">> = () => ({}),
): Promise<Result> {
  const scope = operationScope();
  const story = scope && storyTrace(scope.operation);
  if (!isCollected() || !story) return act();
  const span = {
    ...{ traceId: story.traceId, spanId: newSpanId(), parentSpanId: scope.spanId ?? story.spanId },
    ...{ name, kind, start: Date.now() },
  };
  try {
    const result = await inOperation({ ...scope, spanId: span.spanId }, act);
    const told = tell(result);
    keep({
      ...span,
      end: Date.now(),
      failure: told.failure,
      attributes: { ...attributes, ...told.attributes },
    });
    return result;
  } catch (error) {
    keep({ ...span, end: Date.now(), attributes, failure: error instanceof Error ? error.name : "unknown" });
    throw error;
  }
}

/** Tells of a blob that started or woke a story. */
export function traceArrival(operation: string, path: string, sighting: string, start: number): void {
  const story = storyTrace(operation);
  if (!story) return;
  const { traceId, spanId: parentSpanId } = story;
  const attributes = { "blob.path": path, sighting };
  const span = { traceId, spanId: newSpanId(), parentSpanId, start, end: Date.now(), attributes };
  keep({ ...span, name: "blob arrived", kind: "consumer" });
}

/** Tells of a story as a whole, when its last report is saved. */
export function traceStory(operation: string, report: Report): void {
  const story = storyTrace(operation);
  if (!story || !isFinal(report.outcome)) return;
  const { application, version, submission, outcome, reason, startedAt, updatedAt } = report;
  keep({
    ...{ ...story, name: "release", kind: "internal" },
    ...{ start: Date.parse(startedAt), end: Date.parse(updatedAt) },
    attributes: { application, version, submission, outcome },
    failure: outcome === "published" ? undefined : (reason?.code ?? outcome),
  });
}

function newSpanId(): string {
  return randomBytes(8).toString("hex");
}

function keep(span: Span): void {
  collect("traces", otlpSpan(span));
}
