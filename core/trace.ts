import { type Attributes, otlpAttributes, otlpTime } from "./otlp.ts";

/** Something that took a while, in the words of OpenTelemetry. */
export interface Span {
  /** 32 hex digits: of a story, the first half of its instance id. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  /** Why it failed; undefined when it did not. */
  readonly failure?: string | undefined;
}

/** Work of one's own, a request of somebody else, or a message that was taken in. */
export type SpanKind = "internal" | "client" | "consumer";

const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, client: 3, consumer: 5 };
const ERROR = 2;

/** The trace that a story is, and the span that it is in it; undefined where an id is no digest. */
export function storyTrace(
  operation: string,
): { readonly traceId: string; readonly spanId: string } | undefined {
  const [, traceId, spanId] = /^([0-9a-f]{32})([0-9a-f]{16})/.exec(operation) ?? [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}

/** A span in the JSON of OTLP. */
export function otlpSpan({ start, end, kind, attributes, failure, ...span }: Span): object {
  return {
    ...span,
    kind: KINDS[kind],
    startTimeUnixNano: otlpTime(start),
    endTimeUnixNano: otlpTime(Math.max(start, end)),
    attributes: otlpAttributes(attributes),
    status: failure === undefined ? {} : { code: ERROR, message: failure },
  };
}
