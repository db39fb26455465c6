import { correlationHeaders, inOperation } from "../../functions/operation-scope.ts";
import { collectTo } from "../../functions/collector.ts";
import { traced } from "../../functions/tracing.ts";

const operation = "ab".repeat(32);
const about = { name: "activity putVersion", kind: "internal" } as const;

describe("traced()", () => {
  const within = <Result>(act: () => Promise<Result>) =>
    inOperation({ operation, log: () => undefined }, act);
  afterEach(() => {
    collectTo(undefined);
  });

  it("does what it is given, and makes no span where nobody collects them", async () => {
    const header = await within(() => traced(about, () => correlationHeaders()["traceparent"]));
    expect(header).toBe(`00-${"ab".repeat(16)}-${"ab".repeat(8)}-01`);
  });

  it("gives requests within it the span that they belong to", async () => {
    collectTo({ endpoint: "https://127.0.0.1:1", headers: {} });
    const [outer, inner] = await within(() =>
      traced(about, async () => [
        correlationHeaders()["traceparent"],
        await traced(about, () => correlationHeaders()["traceparent"]),
      ]),
    );
    expect(outer).toMatch(new RegExp(`^00-${"ab".repeat(16)}-[0-9a-f]{16}-01$`));
    expect(new Set([outer, inner, `00-${"ab".repeat(16)}-${"ab".repeat(8)}-01`]).size).toBe(3);
  });

  it("throws what is thrown within it", async () => {
    collectTo({ endpoint: "https://127.0.0.1:1", headers: {} });
    const failing = within(() => traced(about, () => Promise.reject(new Error("no"))));
    await expect(failing).rejects.toThrow("no");
  });
});
