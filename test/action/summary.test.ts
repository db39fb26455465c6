import { outputNames, outputsOf } from "../../action/outputs.ts";
import { summaryOf } from "../../action/summary.ts";
import { aRegion, aReport } from "./fake-world.ts";

const run = {
  id: "4711",
  attempt: "1",
  claims: { runUrl: "https://github.com/o/r/actions/runs/4711", commit: "0123456789abcdef" },
};
const problem = { code: "storage-role", message: "may not <b>write</b>\nhere", nextStep: "Ask *them*." };

describe("summaryOf", () => {
  it("shows the report's regions", () => {
    const report = aReport({ outcome: "published", regions: [aRegion("eastus")] });

    expect(summaryOf({ report }, undefined, run)).toMatch(/\| eastus \| ✅ Completed \| 42 s \|/);
  });

  it("tells a problem that came before any report, harmlessly", () => {
    const text = summaryOf({ application: "flooperapp", version: "1.2.0" }, problem, run);

    expect(text).toMatch(/^### ❌ flooperapp 1\.2\.0: not published\n/);
    expect(text).toContain("may not &lt;b&gt;write&lt;/b&gt; here");
    expect(text).toContain("**Next step:** Ask \\*them\\*.");
  });

  it("tells a problem beside the report, but not the report's own twice", () => {
    const report = aReport({ outcome: "refused", reason: { code: "x", message: "because", nextStep: "do" } });

    expect(summaryOf({ report }, { ...problem, code: "x" }, run).match(/Next step/g)).toHaveLength(1);
    expect(summaryOf({ report: aReport({ outcome: "publishing" }) }, problem, run)).toContain("Next step");
  });
});

describe("outputsOf", () => {
  it("sets every output when nothing is known", () => {
    const outputs = outputsOf({});

    expect(Object.keys(outputs)).toEqual([...outputNames]);
    expect(Object.values(outputs)).toEqual(["", "", "", "", "", "", "", "[]", "{}"]);
  });

  it("believes the report before the run's own view", () => {
    const report = aReport({
      outcome: "published",
      versionId: "/v",
      sha256: "b".repeat(64),
      blobUrl: "https://a/b",
    });

    expect(outputsOf({ outcome: "waiting", report })).toMatchObject({
      outcome: "published",
      "version-id": "/v",
      "blob-url": "https://a/b",
      sha256: "b".repeat(64),
    });
  });
});
