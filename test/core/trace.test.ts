import { otlpBody } from "../../core/otlp.ts";
import { otlpSpan, type Span, storyTrace } from "../../core/trace.ts";

const operation = "0123456789abcdef0123456789abcdef".padEnd(64, "f");

describe("storyTrace()", () => {
  it("is the first half of a story's id, and the span of the story after it", () => {
    expect(storyTrace(operation)).toEqual({ traceId: operation.slice(0, 32), spanId: "f".repeat(16) });
  });

  it.each(["", "reconcile-2026-01-05T10", "0123"])("is nothing for %j", (id) => {
    expect(storyTrace(id)).toBeUndefined();
  });
});

describe("otlpSpan()", () => {
  const span: Span = {
    ...{ traceId: "a".repeat(32), spanId: "b".repeat(16), parentSpanId: "c".repeat(16) },
    ...{ name: "PUT Resource Manager", kind: "client", start: 1_767_607_200_000, end: 1_767_607_200_250 },
    attributes: { "url.path": "/x", "http.response.status_code": 409 },
  };
  const sent = (of: Span): any => otlpBody("traces", [otlpSpan(of)], "pipeline");

  it("is OTLP's JSON: hex ids, times in nanoseconds as text, kinds by number", () => {
    expect(sent(span).resourceSpans[0].scopeSpans[0].spans).toEqual([
      {
        ...{ traceId: "a".repeat(32), spanId: "b".repeat(16), parentSpanId: "c".repeat(16) },
        ...{ name: "PUT Resource Manager", kind: 3, status: {} },
        ...{ startTimeUnixNano: "1767607200000000000", endTimeUnixNano: "1767607200250000000" },
        attributes: [
          { key: "url.path", value: { stringValue: "/x" } },
          { key: "http.response.status_code", value: { intValue: "409" } },
        ],
      },
    ]);
  });

  it("names who sends it, and says what failed", () => {
    const [resource] = sent({ ...span, failure: "409" }).resourceSpans;
    expect(resource.resource.attributes).toEqual([
      { key: "service.name", value: { stringValue: "pipeline" } },
    ]);
    expect(resource.scopeSpans[0].spans[0].status).toEqual({ code: 2, message: "409" });
  });
});
