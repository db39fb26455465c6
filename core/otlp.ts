/** What spans and numbers carry along, by name. */
export type Attributes = Readonly<Record<string, string | number>>;

/** A signal of OpenTelemetry's, and the last part of the address that takes it. */
export type Signal = "traces" | "metrics";

const MEMBERS = {
  traces: { resource: "resourceSpans", scope: "scopeSpans", items: "spans" },
  metrics: { resource: "resourceMetrics", scope: "scopeMetrics", items: "metrics" },
} as const;

/** The body of a request that exports items of a signal, in the JSON of OTLP (opentelemetry.io/docs/specs/otlp). */
export function otlpBody(signal: Signal, items: readonly object[], service: string): object {
  const members = MEMBERS[signal];
  const scope = { scope: { name: service }, [members.items]: items };
  const resource = { attributes: otlpAttributes({ "service.name": service }) };
  return { [members.resource]: [{ resource, [members.scope]: [scope] }] };
}

/** Attributes as OTLP has them. */
export function otlpAttributes(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value },
  }));
}

/** A time as OTLP has it. */
export function otlpTime(milliseconds: number): string {
  return `${Math.round(milliseconds)}000000`;
}
